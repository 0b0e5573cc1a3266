// Random numbers from Philox 4x32-10, one thread to a block of four words, with the bits of the host.
#include "common.cuh"

struct Block {
    word words[4];
};

__device__ inline Block philox(int64 key, int64 counter) {
    word c0 = (word)counter, c1 = (word)(counter >> 32), c2 = 0, c3 = 0;
    word k0 = (word)key, k1 = (word)(key >> 32);
#pragma unroll 1
    for (int round = 0; round < 10; round++) {
        word high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        word high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}

__device__ inline double uniform53(word high, word low) {
    return (double)(((unsigned long long)high << 32 | low) >> 11) * 0x1p-53;
}

struct Fill {
    void* out;
    int64 count;
    int64 key;
    int64 counter;
    int64 bound;
};

// Calls make(words, place of its first number) for each block, `each` numbers to a block.
template <class Make> __device__ inline void blocks(const Fill& p, int each, Make make) {
    int64 count = (p.count + each - 1) / each;
    for (int64 b = self(); b < count; b += all()) {
        make(philox(p.key, p.counter + b).words, b * each);
    }
}

template <class Number> __device__ inline void uniforms(const Fill& p, Number number) {
    blocks(p, 4, [&](const word* words, int64 at) {
        for (int i = 0; i < 4; i++) {
            if (at + i < p.count) {
                number(words[i], at + i);
            }
        }
    });
}

extern "C" __global__ void uniform_float32(const Fill p) {
    uniforms(p, [&](word w, int64 i) { ((float*)p.out)[i] = (float)(w >> 8) * 0x1p-24f; });
}

extern "C" __global__ void uniform_bfloat16(const Fill p) {
    uniforms(p, [&](word w, int64 i) { ((bfloat16*)p.out)[i] = narrow((float)(w >> 24) * 0x1p-8f); });
}

extern "C" __global__ void uniform_float64(const Fill p) {
    blocks(p, 2, [&](const word* words, int64 at) {
        for (int i = 0; i < 2; i++) {
            if (at + i < p.count) {
                ((double*)p.out)[at + i] = uniform53(words[2 * i], words[2 * i + 1]);
            }
        }
    });
}

extern "C" __global__ void integers_int64(const Fill p) {
    uniforms(p, [&](word w, int64 i) {
        ((int64*)p.out)[i] = (int64)((unsigned long long)w * (unsigned long long)p.bound >> 32);
    });
}

extern "C" __global__ void integers_int32(const Fill p) {
    uniforms(p, [&](word w, int64 i) {
        ((int*)p.out)[i] = (int)((unsigned long long)w * (unsigned long long)p.bound >> 32);
    });
}

// sqrt(-2 ln u): the exponent is taken off so that the rest lies in [sqrt(1/2), sqrt(2)).
__device__ inline float radius(word w) {
    int bits = __float_as_int((float)(w >> 1 | 1u) * 0x1p-31f);
    int exponent = (bits - 0x3F3504F3) >> 23;
    float f = __int_as_float(bits - (exponent << 23)) - 1;
    float square = f * f;
    float polynomial = 7.0376836292e-2f;
    polynomial = fmaf(polynomial, f, -1.1514610310e-1f);
    polynomial = fmaf(polynomial, f, 1.1676998740e-1f);
    polynomial = fmaf(polynomial, f, -1.2420140846e-1f);
    polynomial = fmaf(polynomial, f, 1.4249322787e-1f);
    polynomial = fmaf(polynomial, f, -1.6668057665e-1f);
    polynomial = fmaf(polynomial, f, 2.0000714765e-1f);
    polynomial = fmaf(polynomial, f, -2.4999993993e-1f);
    polynomial = fmaf(polynomial, f, 3.3333331174e-1f);
    float tail = fmaf((float)exponent, -2.12194440e-4f, f * square * polynomial);
    float log = fmaf((float)exponent, 0.693359375f, f + fmaf(square, -0.5f, tail));
    return sqrtf(-2 * log);
}

// cos(2 pi angle / 2^32): the nearest quarter turn is taken off in integers.
__device__ inline float cosine(word angle) {
    word quarter = (angle + (1u << 29)) >> 30;
    float t = (float)(int)(angle - (quarter << 30)) * (float)(2 * 3.14159265358979323846 / 0x1p32);
    float square = t * t;
    float sine = fmaf(fmaf(fmaf(-1.9515295891e-4f, square, 8.3321608736e-3f), square, -1.6666654611e-1f), square * t, t);
    float cosine = fmaf(fmaf(fmaf(2.443315711809948e-5f, square, -1.388731625493765e-3f), square, 4.166664568298827e-2f),
                        square * square, fmaf(square, -0.5f, 1.0f));
    float value = (quarter & 1) == 0 ? cosine : sine;
    return ((quarter + 1) & 2) == 0 ? value : -value;
}

template <class Write> __device__ inline void normals(const Fill& p, Write write) {
    blocks(p, 4, [&](const word* words, int64 at) {
        for (int pair = 0; pair < 4; pair += 2) {
            float far = radius(words[pair]);
            if (at + pair < p.count) {
                write(at + pair, far * cosine(words[pair + 1]));
            }
            if (at + pair + 1 < p.count) {
                write(at + pair + 1, far * cosine(words[pair + 1] - (1u << 30)));
            }
        }
    });
}

extern "C" __global__ void normal_float32(const Fill p) {
    normals(p, [&](int64 i, float x) { ((float*)p.out)[i] = x; });
}

extern "C" __global__ void normal_bfloat16(const Fill p) {
    normals(p, [&](int64 i, float x) { ((bfloat16*)p.out)[i] = narrow(x); });
}

extern "C" __global__ void normal_float64(const Fill p) {
    blocks(p, 2, [&](const word* words, int64 at) {
        double far = sqrt(-2 * log(1 - uniform53(words[0], words[1])));
        double angle = 2 * 3.14159265358979323846 * uniform53(words[2], words[3]);
        ((double*)p.out)[at] = far * cos(angle);
        if (at + 1 < p.count) {
            ((double*)p.out)[at + 1] = far * sin(angle);
        }
    });
}

struct Dropout {
    Fill fill;
    const void* x;
    double scale;
    int threshold;
};

// out = keep ? x·scale : 0; what is dropped is 0 whatever it was. out may be x.
template <class E> __device__ void dropout(const Dropout& p) {
    uniforms(p.fill, [&](word w, int64 i) {
        Real<E> kept = real(((const E*)p.x)[i]) * (Real<E>)p.scale;
        put((E*)p.fill.out + i, (int)(w >> 8) >= p.threshold ? kept : (Real<E>)0);
    });
}
FLOATING(dropout, Dropout)
