// Linear recurrences along time. Numbers are handled as pairs of a real and an imaginary part, the latter 0 where they are
// real; the gradient of a product w = p·q is dp = dw·conj(q).
#include "common.cuh"

template <class R> struct Pair {
    R re;
    R im;
};

template <class R> __device__ inline Pair<R> operator+(Pair<R> a, Pair<R> b) { return {a.re + b.re, a.im + b.im}; }
template <class R> __device__ inline Pair<R> operator*(Pair<R> a, Pair<R> b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class R> __device__ inline Pair<R> operator*(Pair<R> a, R b) { return {a.re * b, a.im * b}; }
template <class R> __device__ inline Pair<R> conj(Pair<R> a) { return {a.re, -a.im}; }
template <class R> __device__ inline Pair<R> exponential(Pair<R> a) {
    R size = exponential(a.re);
    return {size * (R)cos((double)a.im), size * (R)sin((double)a.im)};
}

template <class R> __device__ inline Pair<R> load(const void* data, int64 i, int complex) {
    const R* numbers = (const R*)data;
    return complex ? Pair<R>{numbers[2 * i], numbers[2 * i + 1]} : Pair<R>{numbers[i], (R)0};
}

template <class R> __device__ inline void store(void* data, int64 i, Pair<R> value, int complex) {
    R* numbers = (R*)data;
    if (complex) {
        numbers[2 * i] = value.re;
        numbers[2 * i + 1] = value.im;
    } else {
        numbers[i] = value.re;
    }
}

// Whether the state before time t counts for it.
__device__ inline bool continues(const int* sequence, int64 b, int64 t, int64 length) {
    return t == 0 || !sequence || sequence[b * length + t] == sequence[b * length + t - 1];
}

// x, h [b, t, c] dense, a with its first two strides in numbers, start [b, c]
struct Linear {
    const void* x;
    const void* a;
    const void* start;
    const int* sequence;
    void* h;
    const void* dh;
    void* dx;
    void* da;
    void* dStart;
    int64 b;
    int64 t;
    int64 c;
    int64 strideB;
    int64 strideT;
    int complex;
};

template <class R> __device__ inline Pair<R> factor(const Linear& p, int64 b, int64 t, int64 c) {
    return load<R>(p.a, b * p.strideB + t * p.strideT + c, p.complex);
}

template <class R> __device__ void linear(const Linear& p) {
    for (int64 at = self(); at < p.b * p.c; at += all()) {
        int64 c = at % p.c;
        int64 b = at / p.c;
        Pair<R> h = p.start ? load<R>(p.start, at, p.complex) : Pair<R>{0, 0};
        for (int64 t = 0; t < p.t; t++) {
            int64 place = (b * p.t + t) * p.c + c;
            Pair<R> x = load<R>(p.x, place, p.complex);
            h = continues(p.sequence, b, t, p.t) ? factor<R>(p, b, t, c) * h + x : x;
            store(p.h, place, h, p.complex);
        }
    }
}
WIDE(linear, Linear)

template <class R> __device__ void linear_gradient(const Linear& p) {
    for (int64 at = self(); at < p.b * p.c; at += all()) {
        int64 c = at % p.c;
        int64 b = at / p.c;
        Pair<R> g = {0, 0};
        for (int64 t = p.t - 1; t >= 0; t--) {
            int64 place = (b * p.t + t) * p.c + c;
            g = g + load<R>(p.dh, place, p.complex);
            store(p.dx, place, g, p.complex);
            Pair<R> before = {0, 0};
            bool goesOn = continues(p.sequence, b, t, p.t);
            if (goesOn && t > 0) {
                before = load<R>(p.h, place - p.c, p.complex);
            } else if (goesOn && p.start) {
                before = load<R>(p.start, at, p.complex);
            }
            store(p.da, place, g * conj(before), p.complex);
            g = goesOn ? g * conj(factor<R>(p, b, t, c)) : Pair<R>{0, 0};
        }
        if (p.dStart) {
            store(p.dStart, at, g, p.complex);
        }
    }
}
WIDE(linear_gradient, Linear)

// A view [b, t, c] whose last stride is 1, or [b, t, g, n] that is dense from the third or fourth dimension on.
struct Times {
    void* data;
    int64 strideB;
    int64 strideT;
    int64 strideG;
};

template <class R> __device__ inline R at(const Times& view, int64 b, int64 t, int64 c) {
    return ((const R*)view.data)[b * view.strideB + t * view.strideT + c];
}

// The recurrence of one state of n numbers: of the selective scan with its a [c, n], or, where `heads` is not 0, of the
// dual, whose channel c is place c % width of head c / width, with one logarithm of its decay for each head.
struct States {
    Times u;
    Times delta;
    Times z;
    Times b;
    Times c;
    Times y;
    Times dy;
    const void* a;
    const void* d;
    const void* bias;
    const void* start;
    const int* sequence;
    void* last;
    void* states;    // all of them, [b, c, t, n]
    const void* dLast;
    void* du;        // [b, t, c]
    void* dDelta;    // [b, t, c]
    void* dz;        // [b, t, c]
    void* db;        // a part for each channel, [b, c, t, n]
    void* dc;        // a part for each channel, [b, c, t, n]
    void* da;        // a part for each batch, [b, c, n]
    void* dd;        // a part for each batch, [b, c]
    void* dBias;     // a part for each batch, [b, c]
    void* dStart;    // [b, c, n]
    int64 batches;
    int64 t;
    int64 channels;
    int64 groups;
    int64 n;
    int64 heads;
    int softplus;
    int complex;
};

// Where channel c stands in a view: the dual's [b, t, h, p] may have any stride between heads.
__device__ inline int64 placeOf(const States& p, const Times& view, int64 b, int64 t, int64 c) {
    int64 first = b * view.strideB + t * view.strideT;
    if (p.heads) {
        int64 width = p.channels / p.heads;
        return first + c / width * view.strideG + c % width;
    }
    return first + c;
}

template <class R> __device__ inline R ofChannel(const States& p, const Times& view, int64 b, int64 t, int64 c) {
    return ((const R*)view.data)[placeOf(p, view, b, t, c)];
}

template <class R> __device__ inline R sigmoid(R x) { return 1 / (1 + exponential(-x)); }

// What a channel is given at a time.
template <class R> struct Moment {
    R u;
    R delta;
    R slope; // of delta
    R gate;
    R gateSlope;

    __device__ Moment(const States& p, int64 b, int64 t, int64 c) : slope(1), gate(1), gateSlope(0) {
        u = ofChannel<R>(p, p.u, b, t, c);
        if (p.heads) {
            delta = at<R>(p.delta, b, t, c / (p.channels / p.heads));
            return;
        }
        R raw = at<R>(p.delta, b, t, c);
        raw += p.bias ? ((const R*)p.bias)[c] : (R)0;
        delta = p.softplus ? larger(raw, (R)0) + (R)log1p((double)exponential(-magnitude(raw))) : raw;
        slope = p.softplus ? sigmoid(raw) : (R)1;
        if (p.z.data) {
            R z = at<R>(p.z, b, t, c);
            R s = sigmoid(z);
            gate = z * s;
            gateSlope = s * (1 + z * (1 - s));
        }
    }
};

template <class R> __device__ inline Pair<R> coefficient(const States& p, const Times& of, int64 b, int64 t, int64 c, int64 n) {
    int64 group = c / (p.channels / p.groups);
    int64 pairs = p.complex ? 2 : 1;
    const R* first = (const R*)of.data + b * of.strideB + t * of.strideT + group * of.strideG;
    return p.complex ? Pair<R>{first[pairs * n], first[pairs * n + 1]} : Pair<R>{first[n], (R)0};
}

// The logarithm of what a state is multiplied by.
template <class R> __device__ inline Pair<R> rate(const States& p, int64 c, int64 n) {
    return p.heads ? Pair<R>{1, 0} : load<R>(p.a, c * p.n + n, p.complex);
}

// How strongly b enters.
template <class R> __device__ inline R inflow(const States& p, const Moment<R>& m) { return p.heads ? m.u : m.delta * m.u; }

// One warp to a channel, a lane to every 32nd number of its state.
template <class R> __device__ void states(const States& p) {
    for (int64 line = blockIdx.x; line < p.batches * p.channels; line += gridDim.x) {
        int64 c = line % p.channels;
        int64 b = line / p.channels;
        for (int64 t = 0; t < p.t; t++) {
            Moment<R> m(p, b, t, c);
            bool goesOn = continues(p.sequence, b, t, p.t);
            R sum = 0;
            for (int64 n = threadIdx.x; n < p.n; n += LANES) {
                int64 place = (line * p.t + t) * p.n + n;
                Pair<R> h = {0, 0};
                if (goesOn && t > 0) {
                    h = load<R>(p.states, place - p.n, p.complex);
                } else if (goesOn && p.start) {
                    h = load<R>(p.start, line * p.n + n, p.complex);
                }
                h = exponential(rate<R>(p, c, n) * m.delta) * h + coefficient<R>(p, p.b, b, t, c, n) * inflow(p, m);
                store(p.states, place, h, p.complex);
                sum += (coefficient<R>(p, p.c, b, t, c, n) * h).re;
                if (p.last && t == p.t - 1) {
                    store(p.last, line * p.n + n, h, p.complex);
                }
            }
            sum = sumOfLanes(sum) * (p.complex ? 2 : 1);
            sum += p.d ? ((const R*)p.d)[c] * m.u : (R)0;
            if (threadIdx.x == 0 && p.y.data) {
                ((R*)p.y.data)[placeOf(p, p.y, b, t, c)] = sum * m.gate;
            }
        }
        for (int64 n = threadIdx.x; p.t == 0 && p.last && n < p.n; n += LANES) {
            store(p.last, line * p.n + n, p.start ? load<R>(p.start, line * p.n + n, p.complex) : Pair<R>{0, 0}, p.complex);
        }
    }
}
WIDE(states, States)

// The gradients of one channel, from the last time to the first. `states` are those that the recurrence left; dStart
// carries the gradient of the state from time to time.
template <class R> __device__ void states_gradient(const States& p) {
    for (int64 line = blockIdx.x; line < p.batches * p.channels; line += gridDim.x) {
        int64 c = line % p.channels;
        int64 b = line / p.channels;
        R twice = p.complex ? 2 : 1;
        R dd = 0;
        R dBias = 0;
        for (int64 n = threadIdx.x; n < p.n; n += LANES) {
            Pair<R> g = p.dLast ? load<R>(p.dLast, line * p.n + n, p.complex) : Pair<R>{0, 0};
            store(p.dStart, line * p.n + n, g, p.complex);
            if (p.da) {
                store(p.da, line * p.n + n, Pair<R>{0, 0}, p.complex);
            }
        }
        for (int64 t = p.t - 1; t >= 0; t--) {
            Moment<R> m(p, b, t, c);
            bool goesOn = continues(p.sequence, b, t, p.t);
            R dy = ofChannel<R>(p, p.dy, b, t, c);
            R inner = dy * m.gate;
            R sum = 0;
            R dDelta = 0;
            R dInflow = 0;
            for (int64 n = threadIdx.x; n < p.n; n += LANES) {
                int64 own = line * p.n + n;
                int64 place = (line * p.t + t) * p.n + n;
                Pair<R> h = load<R>(p.states, place, p.complex);
                Pair<R> before = {0, 0};
                if (goesOn && t > 0) {
                    before = load<R>(p.states, place - p.n, p.complex);
                } else if (goesOn && p.start) {
                    before = load<R>(p.start, own, p.complex);
                }
                Pair<R> entering = coefficient<R>(p, p.b, b, t, c, n);
                Pair<R> leaving = coefficient<R>(p, p.c, b, t, c, n);
                Pair<R> a = rate<R>(p, c, n);
                Pair<R> decay = exponential(a * m.delta);
                Pair<R> g = load<R>(p.dStart, own, p.complex) + conj(leaving) * (twice * inner);
                sum += (leaving * h).re;
                store(p.dc, place, conj(h) * (twice * inner), p.complex);
                store(p.db, place, g * inflow(p, m), p.complex);
                dInflow += (g * conj(entering)).re;
                Pair<R> exponent = g * conj(before) * conj(decay);
                dDelta += (exponent * conj(a)).re;
                if (p.da) {
                    store(p.da, own, load<R>(p.da, own, p.complex) + exponent * m.delta, p.complex);
                }
                store(p.dStart, own, goesOn ? g * conj(decay) : Pair<R>{0, 0}, p.complex);
            }
            sum = sumOfLanes(sum) * twice;
            dDelta = sumOfLanes(dDelta);
            dInflow = sumOfLanes(dInflow);
            R d = p.d ? ((const R*)p.d)[c] : (R)0;
            R slope = p.heads ? dDelta : (dDelta + dInflow * m.u) * m.slope;
            if (threadIdx.x == 0) {
                int64 place = (b * p.t + t) * p.channels + c;
                ((R*)p.du)[place] = (p.heads ? dInflow : dInflow * m.delta) + inner * d;
                ((R*)p.dDelta)[place] = slope;
                if (p.dz) {
                    ((R*)p.dz)[place] = dy * (sum + d * m.u) * m.gateSlope;
                }
            }
            dd += inner * m.u;
            dBias += slope;
        }
        if (threadIdx.x == 0 && p.dd) {
            ((R*)p.dd)[line] = dd;
        }
        if (threadIdx.x == 0 && p.dBias) {
            ((R*)p.dBias)[line] = dBias;
        }
    }
}
WIDE(states_gradient, States)
