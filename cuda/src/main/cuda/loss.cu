// Softmax and cross-entropy in one, one warp to a row.
#include "common.cuh"

struct CrossEntropy {
    void* loss;
    void* logSumExp;
    void* dx;
    const void* dLoss;
    const void* x;
    const void* targets;
    int64 rows;
    int64 n;
    int64 ignored;
    double smoothing;
    double zLoss;
    double slope;
    int probabilities;
    int wide;
};

template <class E> struct Row {
    typedef Real<E> R;
    const CrossEntropy& p;
    int64 row;
    int64 label;

    __device__ Row(const CrossEntropy& p, int64 row) : p(p), row(row), label(-1) {
        if (!p.probabilities) {
            label = p.wide ? ((const int64*)p.targets)[row] : ((const int*)p.targets)[row];
        }
    }

    __device__ bool counts() const { return p.probabilities || label != p.ignored; }

    __device__ R x(int64 j) const { return real(((const E*)p.x)[row * p.n + j]); }

    // (1 − ε)·target + ε/n
    __device__ R target(int64 j) const {
        R given = p.probabilities ? real(((const E*)p.targets)[row * p.n + j]) : (R)(j == label);
        return (R)(1 - p.smoothing) * given + (R)(p.smoothing / p.n);
    }

    __device__ R logSumExp() const {
        R largest = -infinity<R>();
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            largest = larger(largest, x(j));
        }
        largest = largestOfLanes(largest);
        R shift = largest == -infinity<R>() ? (R)0 : largest;
        R sum = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            sum += exponential(x(j) - shift);
        }
        return shift + logarithm(sumOfLanes(sum));
    }

    // Writes the loss and the log-sum-exp; returns that.
    __device__ R forward() const {
        R logSum = counts() ? logSumExp() : (R)0;
        R total = 0;
        for (int64 j = threadIdx.x; counts() && j < p.n; j += LANES) {
            R t = target(j);
            total += t == 0 ? (R)0 : t * (logSum - x(j));
        }
        total = sumOfLanes(total);
        if (threadIdx.x == 0) {
            ((R*)p.loss)[row] = counts() ? total + (R)p.zLoss * logSum * logSum : (R)0;
            ((R*)p.logSumExp)[row] = logSum;
        }
        return logSum;
    }

    __device__ void backward(R dLoss, R logSum) const {
        E* dx = (E*)p.dx + row * p.n;
        R sum = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            sum += target(j);
        }
        R factor = sumOfLanes(sum) + 2 * (R)p.zLoss * logSum;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            put(dx + j, counts() ? dLoss * (factor * exponential(x(j) - logSum) - target(j)) : (R)0);
        }
    }
};

template <class E> __device__ void cross_entropy(const CrossEntropy& p) {
    for (int64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        Row<E> each(p, row);
        Real<E> logSum = each.forward();
        if (p.dx) {
            each.backward((Real<E>)p.slope, logSum);
        }
    }
}
FLOATING(cross_entropy, CrossEntropy)

template <class E> __device__ void cross_entropy_gradient(const CrossEntropy& p) {
    typedef Real<E> R;
    for (int64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        Row<E>(p, row).backward(((const R*)p.dLoss)[row], ((const R*)p.logSumExp)[row]);
    }
}
FLOATING(cross_entropy_gradient, CrossEntropy)
