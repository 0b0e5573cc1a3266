// Discrete Fourier transforms of real signals by their definition: one thread to a number of the result. Angles are
// reduced in integers, sums are float64.
#include "common.cuh"

// signal [b, t, c], spectrum [b, length/2 + 1, c, 2], dense
struct Fourier {
    void* signal;
    void* spectrum;
    int64 b;
    int64 t;
    int64 c;
    int64 length;
};

__device__ inline void turn(int64 steps, int64 length, double& sine, double& cosine) {
    sincospi(2.0 * (double)(steps % length) / (double)length, &sine, &cosine);
}

template <class R> __device__ void transform(const Fourier& p) {
    int64 frequencies = p.length / 2 + 1;
    for (int64 at = self(); at < p.b * frequencies * p.c; at += all()) {
        int64 c = at % p.c;
        int64 k = at / p.c % frequencies;
        int64 n = at / p.c / frequencies;
        double re = 0;
        double im = 0;
        for (int64 t = 0; t < p.t; t++) {
            double sine, cosine;
            turn(k * t, p.length, sine, cosine);
            double x = ((const R*)p.signal)[(n * p.t + t) * p.c + c];
            re = fma(x, cosine, re);
            im = fma(-x, sine, im);
        }
        ((R*)p.spectrum)[2 * at] = (R)re;
        ((R*)p.spectrum)[2 * at + 1] = (R)im;
    }
}
WIDE(transform, Fourier)

template <class R> __device__ void inverse(const Fourier& p) {
    int64 half = p.length / 2;
    for (int64 at = self(); at < p.b * p.t * p.c; at += all()) {
        int64 c = at % p.c;
        int64 t = at / p.c % p.t;
        const R* spectrum = (const R*)p.spectrum + (at / p.c / p.t * (half + 1) * p.c + c) * 2;
        double last = spectrum[2 * half * p.c];
        double sum = 0;
        for (int64 k = 1; k < half; k++) {
            double sine, cosine;
            turn(k * t, p.length, sine, cosine);
            sum = fma((double)spectrum[2 * k * p.c], cosine, sum);
            sum = fma(-(double)spectrum[2 * k * p.c + 1], sine, sum);
        }
        ((R*)p.signal)[at] = (R)((spectrum[0] + (t % 2 == 0 ? last : -last) + 2 * sum) / p.length);
    }
}
WIDE(inverse, Fourier)
