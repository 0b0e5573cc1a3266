// Learned rational functions P(x)/(1 + |S(x)|) with S(x) = Σ b[j − 1]·x^j, one for each group of features.
#include "common.cuh"

// x, y, dx, dy [m, groups·width], a, da [groups, p + 1], b, db [groups, q], dense
struct Rational {
    void* y;
    const void* x;
    const void* a;
    const void* b;
    const void* dy;
    void* dx;
    void* da;
    void* db;
    int64 m;
    int64 groups;
    int64 width;
    int64 p;
    int64 q;
};

// The two polynomials and their slopes at one place.
template <class R> struct Values {
    R top;
    R topSlope;
    R bottom;
    R bottomSlope;

    __device__ Values(const Rational& p, int64 group, R x) : top(0), topSlope(0), bottom(0), bottomSlope(0) {
        const R* a = (const R*)p.a + group * (p.p + 1);
        const R* b = (const R*)p.b + group * p.q;
        for (int64 i = p.p; i >= 0; i--) {
            topSlope = fused(topSlope, x, top);
            top = fused(top, x, a[i]);
        }
        for (int64 j = p.q; j >= 0; j--) {
            bottomSlope = fused(bottomSlope, x, bottom);
            bottom = fused(bottom, x, j > 0 ? b[j - 1] : (R)0);
        }
    }

    __device__ R divisor() const { return 1 + magnitude(bottom); }
    __device__ R sign() const { return bottom > 0 ? (R)1 : bottom < 0 ? (R)-1 : (R)0; }
};

template <class R> __device__ void rational(const Rational& p) {
    int64 row = p.groups * p.width;
    for (int64 at = self(); at < p.m * row; at += all()) {
        Values<R> v(p, at % row / p.width, ((const R*)p.x)[at]);
        ((R*)p.y)[at] = v.top / v.divisor();
    }
}
WIDE(rational, Rational)

template <class R> __device__ void rational_input(const Rational& p) {
    int64 row = p.groups * p.width;
    for (int64 at = self(); at < p.m * row; at += all()) {
        Values<R> v(p, at % row / p.width, ((const R*)p.x)[at]);
        R q = v.divisor();
        ((R*)p.dx)[at] = ((const R*)p.dy)[at] * (v.topSlope / q - v.top * v.sign() * v.bottomSlope / (q * q));
    }
}
WIDE(rational_input, Rational)

// One warp to a coefficient: those of P, then those of S.
template <class R> __device__ void rational_coefficients(const Rational& p) {
    int64 each = p.p + 1 + p.q;
    for (int64 at = blockIdx.x; at < p.groups * each; at += gridDim.x) {
        int64 group = at / each;
        int64 index = at % each;
        bool above = index <= p.p;
        int64 power = above ? index : index - p.p;
        R sum = 0;
        for (int64 i = threadIdx.x; i < p.m * p.width; i += LANES) {
            int64 place = (i / p.width * p.groups + group) * p.width + i % p.width;
            R x = ((const R*)p.x)[place];
            Values<R> v(p, group, x);
            R q = v.divisor();
            R factor = above ? 1 / q : -v.top * v.sign() / (q * q);
            for (int64 e = 0; e < power; e++) {
                factor *= x;
            }
            sum = fused(((const R*)p.dy)[place], factor, sum);
        }
        sum = sumOfLanes(sum);
        if (threadIdx.x == 0) {
            (above ? (R*)p.da + group * (p.p + 1) + power : (R*)p.db + group * p.q + power - 1)[0] = sum;
        }
    }
}
WIDE(rational_coefficients, Rational)
