namespace GradLint.SignalPropagation.Propagation;

/// <summary>What the weights of a recurrent cell do to second moments; all gates have the same.</summary>
/// <param name="Input">Inputs · Var(weight_ih).</param>
/// <param name="Hidden">Hidden size · Var(weight_hh).</param>
/// <param name="InputBias">Second moment of b_ih.</param>
/// <param name="HiddenBias">Second moment of b_hh.</param>
/// <param name="MemoryBias">Mean of the forget gate's bias (LSTM) or the update gate's (GRU), b_ih and b_hh together.</param>
/// <param name="Width">Hidden size.</param>
/// <param name="IsIsometry">Whether weight_hh is orthogonal: then no direction is amplified more than another.</param>
internal readonly record struct CellWeights(double Input, double Hidden, double InputBias, double HiddenBias, double MemoryBias, double Width, bool IsIsometry);
