// Reads: init-apply, lambda, switch
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential(Conv2d(1, 2, 3), LeakyReLU(0.2), ConvTranspose2d(2, 1, 3));
    public Net() : base("Net")
    {
        net.apply(m =>
        {
            switch (m)
            {
                case Conv2d c:
                    init.normal_(c.weight, 0.0, 0.02);
                    break;
                case ConvTranspose2d t:
                    init.normal_(t.weight, 0.0, 0.05);
                    break;
            }
        });
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
