namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// Weight initializers: in place, without autograd, on the same random draws as libtorch's.
        /// K. He et al., "Delving deep into rectifiers" (2015); X. Glorot and Y. Bengio, "Understanding the difficulty of
        /// training deep feedforward neural networks" (2010); A. Saxe et al., "Exact solutions to the nonlinear dynamics of
        /// learning in deep linear neural networks" (2013).
        /// </summary>
        public static class init
        {
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2.0),
                NonlinearityType.LeakyReLU => Math.Sqrt(2.0 / (1 + param * param)),
                _ => 1.0,
            };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2) throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                long receptive = 1;
                for (var k = 2; k < shape.Length; k++) receptive *= shape[k];
                return (shape[1] * receptive, shape[0] * receptive);
            }

            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(tensor, t => t.fill_(val));

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) => Quietly(tensor, t => t.uniform_(low, high));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) => Quietly(tensor, t => t.normal_(mean, std));

            /// <summary>As TorchSharp has it: mean and std have changed places, so that with mean 0 every weight is std.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0.0, double std = 1.0, double a = -2.0, double b = 2.0, Generator? generator = null)
            {
                static double Cdf(double x) => (1 + Erf(x / Math.Sqrt(2))) / 2;
                var (low, high) = (Cdf((a - mean) / std), Cdf((b - mean) / std));
                return Quietly(tensor, t => t.uniform_(2 * low - 1, 2 * high - 1).erfinv_().mul_(mean).add_(std).clamp_(a, b));
            }

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3.0) * KaimingStd(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, KaimingStd(tensor, a, mode, nonlinearity));

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                var bound = Math.Sqrt(3.0) * gain * Math.Sqrt(2.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor glorot_uniform_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);

            /// <summary>As TorchSharp has it: uniform, with the standard deviation of the normal form.</summary>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);

            public static Tensor glorot_normal_(Tensor tensor, double gain = 1.0) => xavier_normal_(tensor, gain);

            public static Tensor orthogonal_(Tensor tensor, double gain = 1.0)
            {
                if (tensor.ndim < 2) throw new System.Runtime.InteropServices.ExternalException("Only tensors with 2 or more dimensions are supported");
                return Quietly(tensor, t =>
                {
                    var rows = t.shape[0];
                    var columns = t.numel() / rows;
                    var flat = randn(rows, columns, device: t.device);
                    if (rows < columns) flat = flat.t();
                    var (q, r) = Native.CallTwo("aten::linalg_qr", flat, "reduced");
                    q.mul_(r.diag().sign());
                    if (rows < columns) q = q.t();
                    t.view_as(q).copy_(q).mul_(gain);
                });
            }

            public static Tensor eye_(Tensor tensor) => Quietly(tensor, t => t.copy_(eye(t.shape[0], t.shape[1], t.dtype, t.device)));

            /// <summary>A convolution that hands its input on: a one in the middle of the kernel where input and output channel are the same.</summary>
            public static Tensor dirac_(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length is < 3 or > 5) throw new System.Runtime.InteropServices.ExternalException("Only tensors with 3, 4, or 5 dimensions are supported");
                return Quietly(tensor, t =>
                {
                    t.zero_();
                    for (var k = 0; k < Math.Min(shape[0], shape[1]); k++)
                    {
                        var kernel = t.select(0, k).select(0, k);
                        for (var d = 2; d < shape.Length; d++) kernel = kernel.select(0, shape[d] / 2);
                        kernel.fill_(1);
                    }
                });
            }

            /// <summary>N(0, std²), and in each column a share of the entries set to zero. J. Martens, "Deep learning via Hessian-free optimization" (2010).</summary>
            public static Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01)
            {
                if (tensor.ndim != 2) throw new System.Runtime.InteropServices.ExternalException("Only tensors with 2 dimensions are supported");
                return Quietly(tensor, t =>
                {
                    var (rows, columns) = (t.shape[0], t.shape[1]);
                    var zeros = (long)Math.Ceiling(sparsity * rows);
                    t.normal_(0, std);
                    for (var c = 0L; c < columns; c++)
                        t.select(1, c).index_fill_(0, randperm(rows).narrow(0, 0, zeros), 0);
                });
            }

            private static double KaimingStd(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static Tensor Quietly(Tensor tensor, Action<Tensor> change)
            {
                using var noGrad = no_grad();
                using var scope = NewDisposeScope();
                change(tensor);
                return tensor;
            }

            private static double Erf(double x)
            {
                using var t = torch.tensor(x).erf();
                return t.ToDouble();
            }
        }
    }
}
