namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function keeps from its forward for its backward.</summary>
        public class AutogradContext
        {
            private readonly Dictionary<string, object> data = [];
            private IntPtr node;
            private int savedCount;

            internal AutogradContext()
            {
            }

            internal List<Tensor> Saved { get; private set; } = [];

            internal bool[] IsTensor { get; set; } = [];

            internal Func<AutogradContext, List<Tensor>, List<Tensor>>? Backward { get; set; }

            public bool MaterializeGrads { get; private set; } = true;

            /// <summary>Where a gradient of an output is missing: zeros (at first), or an invalid tensor.</summary>
            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            public void save_for_backward(List<Tensor> tensors) => Saved = tensors;

            public void save_data(string key, object value) => data[key] = value;

            public object get_data(string key) => data[key];

            public List<Tensor> get_saved_variables()
            {
                if (node == 0) return Saved;
                var saved = new List<Tensor>(savedCount);
                for (var k = 0; k < savedCount; k++) saved.Add(Native.Saved(node, k));
                return saved;
            }

            /// <summary>From now on the graph holds what was saved, so that nothing refers to itself in a circle.</summary>
            internal void Attach(IntPtr node) => (this.node, savedCount, Saved) = (node, Saved.Count, []);
        }

        public abstract class Function<T> where T : Function<T>, new()
        {
            internal static readonly T Instance = new();

            protected Function()
            {
            }

            public abstract string Name { get; }

            internal abstract List<Tensor> Forward(AutogradContext ctx, object[] vars);

            internal abstract List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients);

            internal static List<Tensor> Apply(object[] vars)
            {
                var context = new AutogradContext { IsTensor = Array.ConvertAll(vars, v => v is Tensor { IsInvalid: false }), Backward = Instance.Backward };
                var inputs = vars.OfType<Tensor>().Where(t => !t.IsInvalid).ToList();
                List<Tensor> outputs;
                using (no_grad()) outputs = Instance.Forward(context, vars);
                if (!is_grad_enabled() || !inputs.Exists(t => t.requires_grad)) return outputs;
                var recorded = Native.Record(context, inputs, outputs);
                for (var k = 0; k < outputs.Count; k++)
                    if (!inputs.Contains(outputs[k], ReferenceEqualityComparer.Instance)) outputs[k].Dispose();
                return recorded;
            }
        }

        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            protected SingleTensorFunction()
            {
            }

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            public static Tensor apply(params object[] vars) => Apply(vars)[0];

            internal override List<Tensor> Forward(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];

            internal override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients[0]);
        }

        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            protected MultiTensorFunction()
            {
            }

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            public static List<Tensor> apply(params object[] vars) => Apply(vars);

            internal override List<Tensor> Forward(AutogradContext ctx, object[] vars) => forward(ctx, vars);

            internal override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients);
        }
    }
}
