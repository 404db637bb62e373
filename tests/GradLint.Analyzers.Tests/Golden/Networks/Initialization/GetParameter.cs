// Reads: lstm, init-named-parameters, indexing
class Net : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(3, 7);
    private readonly Linear fc = Linear(7, 1);
    public Net() : base("Net")
    {
        RegisterComponents();
        init.orthogonal_(lstm.get_parameter("weight_hh_l0"));
        init.xavier_uniform_(get_parameter("fc.weight"));
    }
    public override Tensor forward(Tensor x) => fc.call(lstm.call(x).Item1[-1]);
}
