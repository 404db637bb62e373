namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module that runs hooks around its forward when it is invoked by call.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            // A dictionary may lose entries while it is enumerated: a hook can remove itself.
            internal readonly Dictionary<int, TPreHook> PreHooks = [];
            internal readonly Dictionary<int, TPostHook> PostHooks = [];
            private readonly Dictionary<int, Action<Module>> plainPreHooks = [];
            private readonly Dictionary<int, Action<Module>> plainPostHooks = [];
            private int registered;

            protected HookableModule(string name) : base(name)
            {
            }

            public HookRemover register_forward_hook(TPostHook hook) => Register(PostHooks, hook);

            public HookRemover register_forward_pre_hook(TPreHook hook) => Register(PreHooks, hook);

            public HookRemover register_forward_hook(Action<Module> hook) => Register(plainPostHooks, hook);

            public HookRemover register_forward_pre_hook(Action<Module> hook) => Register(plainPreHooks, hook);

            internal void Enter()
            {
                foreach (var hook in plainPreHooks.Values) hook(this);
            }

            internal void Leave()
            {
                foreach (var hook in plainPostHooks.Values) hook(this);
            }

            private HookRemover Register<T>(Dictionary<int, T> hooks, T hook)
            {
                var key = registered++;
                hooks.Add(key, hook);
                return new HookRemover(() => hooks.Remove(key));
            }

            public class HookRemover
            {
                private readonly Action unregister;

                internal HookRemover(Action unregister) => this.unregister = unregister;

                public void remove() => unregister();
            }
        }

        public interface IModule<T, TResult>
        {
            TResult call(T input1);
        }

        public abstract class Module<T, TResult> : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T input);

            /// <summary>forward, with the hooks: plain pre, pre, forward, post, plain post. A hook that returns null changes nothing.</summary>
            public TResult call(T input)
            {
                Enter();
                foreach (var hook in PreHooks.Values)
                    if (hook(this, input) is { } changed) input = changed;
                var result = forward(input);
                foreach (var hook in PostHooks.Values)
                    if (hook(this, input, result) is { } changed) result = changed;
                Leave();
                return result;
            }
        }

        public interface IModule<T1, T2, TResult>
        {
            TResult call(T1 input1, T2 input2);
        }

        public abstract class Module<T1, T2, TResult> : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>, IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2);

            /// <summary>forward, with the hooks: plain pre, pre, forward, post, plain post. A hook that returns null changes nothing.</summary>
            public TResult call(T1 input1, T2 input2)
            {
                Enter();
                foreach (var hook in PreHooks.Values)
                    if (hook(this, input1, input2) is { } changed) (input1, input2) = changed;
                var result = forward(input1, input2);
                foreach (var hook in PostHooks.Values)
                    if (hook(this, input1, input2, result) is { } changed) result = changed;
                Leave();
                return result;
            }
        }

        public interface IModule<T1, T2, T3, TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3);
        }

        public abstract class Module<T1, T2, T3, TResult> : HookableModule<Func<Module<T1, T2, T3, TResult>, T1, T2, T3, (T1, T2, T3)?>, Func<Module<T1, T2, T3, TResult>, T1, T2, T3, TResult, TResult>>, IModule<T1, T2, T3, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            /// <summary>forward, with the hooks: plain pre, pre, forward, post, plain post. A hook that returns null changes nothing.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3)
            {
                Enter();
                foreach (var hook in PreHooks.Values)
                    if (hook(this, input1, input2, input3) is { } changed) (input1, input2, input3) = changed;
                var result = forward(input1, input2, input3);
                foreach (var hook in PostHooks.Values)
                    if (hook(this, input1, input2, input3, result) is { } changed) result = changed;
                Leave();
                return result;
            }
        }

        public interface IModule<T1, T2, T3, T4, TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3, T4 input4);
        }

        public abstract class Module<T1, T2, T3, T4, TResult> : HookableModule<Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, (T1, T2, T3, T4)?>, Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, TResult, TResult>>, IModule<T1, T2, T3, T4, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4);

            /// <summary>forward, with the hooks: plain pre, pre, forward, post, plain post. A hook that returns null changes nothing.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4)
            {
                Enter();
                foreach (var hook in PreHooks.Values)
                    if (hook(this, input1, input2, input3, input4) is { } changed) (input1, input2, input3, input4) = changed;
                var result = forward(input1, input2, input3, input4);
                foreach (var hook in PostHooks.Values)
                    if (hook(this, input1, input2, input3, input4, result) is { } changed) result = changed;
                Leave();
                return result;
            }
        }

        public interface IModule<T1, T2, T3, T4, T5, TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5);
        }

        public abstract class Module<T1, T2, T3, T4, T5, TResult> : HookableModule<Func<Module<T1, T2, T3, T4, T5, TResult>, T1, T2, T3, T4, T5, (T1, T2, T3, T4, T5)?>, Func<Module<T1, T2, T3, T4, T5, TResult>, T1, T2, T3, T4, T5, TResult, TResult>>, IModule<T1, T2, T3, T4, T5, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5);

            /// <summary>forward, with the hooks: plain pre, pre, forward, post, plain post. A hook that returns null changes nothing.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5)
            {
                Enter();
                foreach (var hook in PreHooks.Values)
                    if (hook(this, input1, input2, input3, input4, input5) is { } changed) (input1, input2, input3, input4, input5) = changed;
                var result = forward(input1, input2, input3, input4, input5);
                foreach (var hook in PostHooks.Values)
                    if (hook(this, input1, input2, input3, input4, input5, result) is { } changed) result = changed;
                Leave();
                return result;
            }
        }

        public interface IModule<T1, T2, T3, T4, T5, T6, TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6);
        }

        public abstract class Module<T1, T2, T3, T4, T5, T6, TResult> : HookableModule<Func<Module<T1, T2, T3, T4, T5, T6, TResult>, T1, T2, T3, T4, T5, T6, (T1, T2, T3, T4, T5, T6)?>, Func<Module<T1, T2, T3, T4, T5, T6, TResult>, T1, T2, T3, T4, T5, T6, TResult, TResult>>, IModule<T1, T2, T3, T4, T5, T6, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6);

            /// <summary>forward, with the hooks: plain pre, pre, forward, post, plain post. A hook that returns null changes nothing.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6)
            {
                Enter();
                foreach (var hook in PreHooks.Values)
                    if (hook(this, input1, input2, input3, input4, input5, input6) is { } changed) (input1, input2, input3, input4, input5, input6) = changed;
                var result = forward(input1, input2, input3, input4, input5, input6);
                foreach (var hook in PostHooks.Values)
                    if (hook(this, input1, input2, input3, input4, input5, input6, result) is { } changed) result = changed;
                Leave();
                return result;
            }
        }
    }
}
