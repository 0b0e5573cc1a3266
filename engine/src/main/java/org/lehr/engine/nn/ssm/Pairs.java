package org.lehr.engine.nn.ssm;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Cos;
import org.lehr.engine.tensor.op.Sin;

/// Arithmetic of complex numbers, pairs `[..., 2]` of real and imaginary parts. Shapes broadcast.
final class Pairs {

    private Pairs() {}

    static Tensor of(Tensor re, Tensor im) {
        return Concat.stack(-1, re, im);
    }

    static Tensor re(Tensor x) {
        return x.slice(-1, 0, 1).squeeze(-1);
    }

    static Tensor im(Tensor x) {
        return x.slice(-1, 1, 2).squeeze(-1);
    }

    /// `Re(x·y)`
    static Tensor realProduct(Tensor x, Tensor y) {
        return re(x).mul(re(y)).sub(im(x).mul(im(y)));
    }

    static Tensor product(Tensor x, Tensor y) {
        return of(realProduct(x, y), re(x).mul(im(y)).add(im(x).mul(re(y))));
    }

    static Tensor exp(Tensor x) {
        Tensor size = re(x).exp();
        return of(size.mul(Cos.cos(im(x))), size.mul(Sin.sin(im(x))));
    }

    /// `x/y`
    static Tensor quotient(Tensor x, Tensor y) {
        Tensor size = y.square().sum(true, -1);
        return product(x, of(re(y), im(y).neg())).div(size);
    }

    /// `x − 1`
    static Tensor minusOne(Tensor x) {
        return of(re(x).sub(1), im(x));
    }
}
