using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    public abstract class Loss<T1, T2, TResult> : Module<T1, T2, TResult>
    {
        public Loss(Reduction reduction = Reduction.Mean) : base("Loss") => this.reduction = reduction;

        public Reduction reduction { get; }
    }

    public abstract class Loss<T1, T2, T3, TResult> : Module<T1, T2, T3, TResult>
    {
        public Loss(Reduction reduction = Reduction.Mean) : base("Loss") => this.reduction = reduction;

        public Reduction reduction { get; }
    }

    public abstract class Loss<T1, T2, T3, T4, TResult> : Module<T1, T2, T3, T4, TResult>
    {
        public Loss(Reduction reduction = Reduction.Mean) : base("Loss") => this.reduction = reduction;

        public Reduction reduction { get; }
    }

    public abstract class WeightedLoss<T1, T2, TResult> : Loss<T1, T2, TResult>
    {
        public WeightedLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(reduction) => this.weight = weight;

        public Tensor? weight { get; }
    }

    namespace Modules
    {
        public sealed class MSELoss : Loss<Tensor, Tensor, Tensor>
        {
            internal MSELoss(Reduction reduction) : base(reduction)
            {
            }

            public override Tensor forward(Tensor input, Tensor target) => functional.mse_loss(input, target, reduction);
        }

        public sealed class L1Loss : Loss<Tensor, Tensor, Tensor>
        {
            internal L1Loss(Reduction reduction) : base(reduction)
            {
            }

            public override Tensor forward(Tensor input, Tensor target) => functional.l1_loss(input, target, reduction);
        }

        public sealed class SmoothL1Loss : Loss<Tensor, Tensor, Tensor>
        {
            internal SmoothL1Loss(double beta, Reduction reduction) : base(reduction) => this.beta = beta;

            public double beta { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.smooth_l1_loss(input, target, reduction, beta);
        }

        public sealed class HuberLoss : Loss<Tensor, Tensor, Tensor>
        {
            internal HuberLoss(double delta, Reduction reduction) : base(reduction) => this.delta = delta;

            public double delta { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.huber_loss(input, target, delta, reduction);
        }

        public sealed class CrossEntropyLoss : WeightedLoss<Tensor, Tensor, Tensor>
        {
            internal CrossEntropyLoss(long? ignore_index, Tensor? weight, Reduction reduction) : base(weight, reduction) => this.ignore_index = ignore_index;

            public long? ignore_index { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.cross_entropy(input, target, weight, ignore_index ?? -100, reduction);
        }

        public sealed class NLLLoss : WeightedLoss<Tensor, Tensor, Tensor>
        {
            internal NLLLoss(Tensor? weight, Reduction reduction) : base(weight, reduction)
            {
            }

            public override Tensor forward(Tensor input, Tensor target) => functional.nll_loss(input, target, weight, reduction);
        }

        public sealed class BCELoss : WeightedLoss<Tensor, Tensor, Tensor>
        {
            internal BCELoss(Tensor? weight, Reduction reduction) : base(weight, reduction)
            {
            }

            public override Tensor forward(Tensor input, Tensor target) => functional.binary_cross_entropy(input, target, weight, reduction);
        }

        public sealed class BCEWithLogitsLoss : WeightedLoss<Tensor, Tensor, Tensor>
        {
            internal BCEWithLogitsLoss(Tensor? pos_weights, Tensor? weight, Reduction reduction) : base(weight, reduction) => this.pos_weights = pos_weights;

            public Tensor? pos_weights { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.binary_cross_entropy_with_logits(input, target, weight, reduction, pos_weights);
        }

        public sealed class KLDivLoss : Loss<Tensor, Tensor, Tensor>
        {
            internal KLDivLoss(bool log_target, Reduction reduction) : base(reduction) => this.log_target = log_target;

            public bool log_target { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.kl_div(input, target, log_target, reduction);
        }

        public sealed class SoftMarginLoss : Loss<Tensor, Tensor, Tensor>
        {
            internal SoftMarginLoss(Reduction reduction) : base(reduction)
            {
            }

            public override Tensor forward(Tensor input, Tensor target) => functional.soft_margin_loss(input, target, reduction);
        }

        public sealed class HingeEmbeddingLoss : Loss<Tensor, Tensor, Tensor>
        {
            internal HingeEmbeddingLoss(double margin, Reduction reduction) : base(reduction) => this.margin = margin;

            public double margin { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.hinge_embedding_loss(input, target, margin, reduction);
        }

        public sealed class MultiLabelMarginLoss : Loss<Tensor, Tensor, Tensor>
        {
            internal MultiLabelMarginLoss(Reduction reduction) : base(reduction)
            {
            }

            public override Tensor forward(Tensor input, Tensor target) => functional.multi_label_margin_loss(input, target, reduction);
        }

        public sealed class MultiLabelSoftMarginLoss : WeightedLoss<Tensor, Tensor, Tensor>
        {
            internal MultiLabelSoftMarginLoss(Tensor? weight, Reduction reduction) : base(weight, reduction)
            {
            }

            public override Tensor forward(Tensor input, Tensor target) => functional.multilabel_soft_margin_loss(input, target, weight, reduction);
        }

        public sealed class MultiMarginLoss : WeightedLoss<Tensor, Tensor, Tensor>
        {
            internal MultiMarginLoss(int p, double margin, Tensor? weight, Reduction reduction) : base(weight, reduction) => (this.p, this.margin) = (p, margin);

            public int p { get; }

            public double margin { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.multi_margin_loss(input, target, p, margin, weight, reduction);
        }

        public sealed class PoissonNLLLoss : Loss<Tensor, Tensor, Tensor>
        {
            internal PoissonNLLLoss(bool log_input, bool full, float eps, Reduction reduction) : base(reduction) => (this.log_input, this.full, this.eps) = (log_input, full, eps);

            public bool log_input { get; }

            public bool full { get; }

            public float eps { get; }

            public override Tensor forward(Tensor input, Tensor target) => functional.poisson_nll_loss(input, target, log_input, full, eps, reduction);
        }

        public sealed class MarginRankingLoss : Loss<Tensor, Tensor, Tensor, Tensor>
        {
            internal MarginRankingLoss(double margin, Reduction reduction) : base(reduction) => this.margin = margin;

            public double margin { get; }

            public override Tensor forward(Tensor input1, Tensor input2, Tensor target) => functional.margin_ranking_loss(input1, input2, target, margin, reduction);
        }

        public sealed class CosineEmbeddingLoss : Loss<Tensor, Tensor, Tensor, Tensor>
        {
            internal CosineEmbeddingLoss(double margin, Reduction reduction) : base(reduction) => this.margin = margin;

            public double margin { get; }

            public override Tensor forward(Tensor input1, Tensor input2, Tensor target) => functional.cosine_embedding_loss(input1, input2, target, margin, reduction);
        }

        public sealed class GaussianNLLLoss : Loss<Tensor, Tensor, Tensor, Tensor>
        {
            internal GaussianNLLLoss(bool full, float eps, Reduction reduction) : base(reduction) => (this.full, this.eps) = (full, eps);

            public bool full { get; }

            public float eps { get; }

            public override Tensor forward(Tensor input, Tensor target, Tensor variance) => functional.gaussian_nll_loss(input, target, variance, full, eps, reduction);
        }

        public sealed class TripletMarginLoss : Loss<Tensor, Tensor, Tensor, Tensor>
        {
            private readonly double eps;
            private readonly bool swap;

            internal TripletMarginLoss(double margin, long p, double eps, bool swap, Reduction reduction) : base(reduction) => (this.margin, this.p, this.eps, this.swap) = (margin, p, eps, swap);

            public double margin { get; }

            public long p { get; }

            public override Tensor forward(Tensor anchor, Tensor positive, Tensor negative) => functional.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction);
        }

        public sealed class TripletMarginWithDistanceLoss : Loss<Tensor, Tensor, Tensor, Tensor>
        {
            private readonly Func<Tensor, Tensor, Tensor>? distance;
            private readonly bool swap;

            internal TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance, double margin, bool swap, Reduction reduction) : base(reduction) => (this.distance, this.margin, this.swap) = (distance, margin, swap);

            public double margin { get; }

            public override Tensor forward(Tensor anchor, Tensor positive, Tensor negative) => functional.triplet_margin_with_distance_loss(anchor, positive, negative, distance, margin, swap, reduction);
        }

        /// <summary>A. Graves et al., "Connectionist temporal classification" (2006). log_probs of shape [steps, batch, classes].</summary>
        public sealed class CTCLoss : Loss<Tensor, Tensor, Tensor, Tensor, Tensor>
        {
            internal CTCLoss(long blank, bool zeroInfinity, Reduction reduction) : base(reduction) => (this.blank, zero_infinity) = (blank, zeroInfinity);

            public long blank { get; }

            public bool zero_infinity { get; }

            public override Tensor forward(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths) => functional.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity, reduction);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public enum Reduction : long
            {
                None = 0,
                Mean = 1,
                Sum = 2,
            }

            public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static SmoothL1Loss SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1.0) => new(beta, reduction);

            public static HuberLoss HuberLoss(double delta = 1.0, Reduction reduction = Reduction.Mean) => new(delta, reduction);

            public static CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(ignore_index, weight, reduction);

            public static NLLLoss NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

            public static BCELoss BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

            public static BCEWithLogitsLoss BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) => new(pos_weights, weight, reduction);

            public static KLDivLoss KLDivLoss(bool log_target = true, Reduction reduction = Reduction.Mean) => new(log_target, reduction);

            public static SoftMarginLoss SoftMarginLoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static HingeEmbeddingLoss HingeEmbeddingLoss(double margin = 1.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);

            public static MultiLabelMarginLoss MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static MultiLabelSoftMarginLoss MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

            public static MultiMarginLoss MultiMarginLoss(int p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(p, margin, weight, reduction);

            public static PoissonNLLLoss PoissonNLLLoss(bool log_input = true, bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) => new(log_input, full, eps, reduction);

            public static MarginRankingLoss MarginRankingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);

            public static CosineEmbeddingLoss CosineEmbeddingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);

            public static GaussianNLLLoss GaussianNLLLoss(bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) => new(full, eps, reduction);

            public static TripletMarginLoss TripletMarginLoss(double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) => new(margin, p, eps, swap, reduction);

            public static TripletMarginWithDistanceLoss TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean) => new(distance, margin, swap, reduction);

            public static CTCLoss CTCLoss(long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) => new(blank, zero_infinity, reduction);

            public static partial class functional
            {
                public static Tensor ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) =>
                    Native.Call("aten::ctc_loss.Tensor", log_probs, targets, input_lengths, target_lengths, blank, (long)reduction, zero_infinity);

                public static Tensor triplet_margin_with_distance_loss(Tensor anchor, Tensor positive, Tensor negative, Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean)
                {
                    distance ??= (x, y) => pairwise_distance(x, y);
                    var (near, far) = (distance(anchor, positive), distance(anchor, negative));
                    if (swap) far = far.minimum(distance(positive, negative));
                    return Reduced((near - far + margin).clamp(min: 0), reduction);
                }

                public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Native.Call("aten::mse_loss", input, target, (long)reduction);

                public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Native.Call("aten::l1_loss", input, target, (long)reduction);

                public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0) => Native.Call("aten::smooth_l1_loss", input, target, (long)reduction, beta);

                public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1.0, Reduction reduction = Reduction.Mean) => Native.Call("aten::huber_loss", input, target, (long)reduction, delta);

                public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) => Native.Call("aten::cross_entropy_loss", input, target, weight, (long)reduction, ignore_index, label_smoothing);

                public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Native.Call("aten::nll_loss_nd", input, target, weight, (long)reduction);

                public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Native.Call("aten::binary_cross_entropy", input, target, weight, (long)reduction);

                public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) => Native.Call("aten::binary_cross_entropy_with_logits", input, target, weight, pos_weights, (long)reduction);

                public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) => Native.Call("aten::kl_div", input, target, (long)reduction, log_target);

                public static Tensor soft_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Native.Call("aten::soft_margin_loss", input, target, (long)reduction);

                public static Tensor hinge_embedding_loss(Tensor input, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) => Native.Call("aten::hinge_embedding_loss", input, target, margin, (long)reduction);

                public static Tensor multi_label_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Native.Call("aten::multilabel_margin_loss", input, target, (long)reduction);

                public static Tensor multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Reduced(MultiLabelSoftMargin(input, target, weight), reduction);

                public static Tensor multi_margin_loss(Tensor input, Tensor target, int p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Native.Call("aten::multi_margin_loss", input, target, (long)p, margin, weight, (long)reduction);

                public static Tensor poisson_nll_loss(Tensor input, Tensor target, bool log_input = true, bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) => Native.Call("aten::poisson_nll_loss", input, target, log_input, full, eps, (long)reduction);

                public static Tensor margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) => Native.Call("aten::margin_ranking_loss", input1, input2, target, margin, (long)reduction);

                public static Tensor cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) => Native.Call("aten::cosine_embedding_loss", input1, input2, target, margin, (long)reduction);

                public static Tensor gaussian_nll_loss(Tensor input, Tensor target, Tensor variance, bool full = false, float eps = 1e-6f, Reduction reduction = Reduction.Mean) => Reduced(GaussianNll(input, target, variance, full, eps), reduction);

                public static Tensor triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) => Native.Call("aten::triplet_margin_loss", anchor, positive, negative, margin, (double)p, eps, swap, (long)reduction);

                private static Tensor Reduced(Tensor losses, Reduction reduction) => reduction switch
                {
                    Reduction.Mean => losses.mean(),
                    Reduction.Sum => losses.sum(),
                    _ => losses,
                };

                private static Tensor MultiLabelSoftMargin(Tensor input, Tensor target, Tensor? weight)
                {
                    var each = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input));
                    return (weight is null ? each : each * weight).mean([-1L]);
                }

                /// <summary>As TorchSharp has it: the losses of one example are added up, and the mean goes over the examples only.</summary>
                private static Tensor GaussianNll(Tensor input, Tensor target, Tensor variance, bool full, float eps)
                {
                    (input, target, variance) = (input.view(input.shape[0], -1), target.view(target.shape[0], -1), variance.view(target.shape[0], -1));
                    if (variance.shape[1] != input.shape[1] && variance.shape[1] != 1) throw new ArgumentException("variance has the wrong shape");
                    if ((variance < 0).any().ToBoolean()) throw new ArgumentException("variance has negative entry/entries");
                    using (no_grad()) variance = variance.clamp(min: eps);
                    var each = 0.5 * (variance.log() + (input - target).square() / variance).view(input.shape[0], -1).sum(dim: [1]);
                    return full ? each + 0.5 * input.shape[1] * Math.Log(2 * Math.PI) : each;
                }
            }
        }
    }
}
