package org.lehr.kernels.matmul;

import org.lehr.kernels.MatmulKernels.Epilogue;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;
import org.lehr.kernels.pointwise.DenseLoop;
import org.lehr.kernels.pointwise.UnaryOp;

/// A stack of float32 or float64 products, the factors of which may be bfloat16 for a result in float32, cut into
/// blocks of the result that threads take one by one.
///
/// The cut depends on the sizes alone. Where several blocks of rows read the same right matrix, it is packed once
/// for all of them.
final class StackProduct {

    /// Multiplications that a piece should have at least: some ten microseconds.
    private static final double PIECE = 1 << 19;

    /// The same where each element of a matrix is used once.
    private static final double VECTOR_PIECE = 1 << 17;

    /// Bytes of packed matrices beyond which a block packs for itself.
    private static final long MOST_PACKED = 1L << 28;

    /// Pieces that a large product is cut into at least: enough for tens of threads, or for two that are not
    /// equally
    /// fast.
    private static final long PIECES = 48;

    /// The same for a vector times a matrix, where the pieces should be wide.
    private static final long VECTOR_PIECES = 2;

    /// Columns of a block in panels, at least.
    private static final long FEWEST_PANELS = 2;

    private final Tiles tiles;
    private final Stack c;
    private final Stack a;
    private final Stack b;
    private final boolean accumulate;
    private final Epilogue epilogue;
    private final DenseLoop activation;

    private StackProduct(Stack c, Stack a, Stack b, boolean accumulate, Epilogue epilogue) {
        this.tiles = Tiles.of(c.view().dtype());
        this.c = c;
        this.a = a;
        this.b = b;
        this.accumulate = accumulate;
        this.epilogue = epilogue;
        UnaryOp op = MatmulKernel.operation(epilogue.activation());
        this.activation = op == null ? null : DenseLoop.of(op, tiles.dtype());
    }

    /// Joins leading dimensions with the rows where one right matrix serves them all.
    static StackProduct of(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        boolean joins = new Stack(b).repeats()
                && isTall(c)
                && isTall(a)
                && isTall(epilogue.residual())
                && isTall(epilogue.preActivation());
        if (!joins) {
            return turned(new Stack(c), new Stack(a), new Stack(b), accumulate, epilogue);
        }
        Epilogue joined = new Epilogue(
                epilogue.scale(),
                epilogue.bias(),
                epilogue.activation(),
                tall(epilogue.residual()),
                tall(epilogue.preActivation()));
        Stack matrix = new Stack(new Stack(b).first());
        return turned(new Stack(tall(c)), new Stack(tall(a)), matrix, accumulate, joined);
    }

    /// A matrix times a vector is done as a vector times the transposed matrix, where nothing but a scale and an
    /// activation follows.
    private static StackProduct turned(Stack c, Stack a, Stack b, boolean accumulate, Epilogue epilogue) {
        boolean turns = c.columns() == 1
                && (c.rows() == 1 || c.rowStride() == 1)
                && epilogue.bias() == null
                && epilogue.residual() == null
                && epilogue.preActivation() == null;
        return turns
                ? new StackProduct(c.transposed(), b.transposed(), a.transposed(), accumulate, epilogue)
                : new StackProduct(c, a, b, accumulate, epilogue);
    }

    private static boolean isTall(View view) {
        return view == null || new Stack(view).isTall();
    }

    private static View tall(View view) {
        return view == null ? null : new Stack(view).tall();
    }

    void run() {
        long m = c.rows();
        long n = c.columns();
        long k = a.columns();
        long batches = c.batches();
        if (m == 0 || n == 0 || batches == 0) {
            return;
        }
        if (batches == 1 && m > 1 && DeepProduct.suits(m, n, k)) {
            new DeepProduct(tiles, m, n, k).run(a.matrix(0), b.matrix(0), output(0, 0, 0));
            return;
        }
        long rows = blockRows(m, batches);
        long rowBlocks = Math.ceilDiv(m, rows);
        long columns = blockColumns(n, batches * rowBlocks);
        long columnBlocks = Math.ceilDiv(n, columns);
        boolean vector = VectorProduct.suits(tiles, b.matrix(0), m);
        boolean dots = DotTile.suits(tiles, a.matrix(0), b.matrix(0), m, n);
        Storage packed = rowBlocks > 1 && !dots ? pack(batches, k, n) : null;
        try {
            long perMatrix = Math.multiplyExact(rowBlocks, columnBlocks);
            double work = (double) rows * Math.min(n, columns) * Math.max(k, 1);
            long grain = Math.max(1, (long) ((vector ? VECTOR_PIECE : PIECE) / work));
            Workers.current().forRange(Math.multiplyExact(batches, perMatrix), grain, (from, to) -> {
                for (long piece = from; piece < to; piece++) {
                    long batch = piece / perMatrix;
                    long block = piece % perMatrix;
                    piece(batch, block / columnBlocks * rows, rows, block % columnBlocks * columns, columns, packed);
                }
            });
        } finally {
            if (packed != null) {
                packed.release();
            }
        }
    }

    /// A whole matrix where there are many of them, else a height with which the panels of the right matrix are
    /// read
    /// often enough.
    private long blockRows(long m, long batches) {
        long most = Scratch.ROWS;
        if (batches >= PIECES && LeftRows.isReadInPlace(a.matrix(0))) {
            most = Scratch.MOST_ROWS;
        } else if (batches * Math.ceilDiv(m, most) * FEWEST_PANELS < PIECES) {
            most = Scratch.ROWS / 2;
        }
        long blocks = Math.ceilDiv(m, most);
        return Math.ceilDiv(Math.ceilDiv(m, tiles.rows()), blocks) * tiles.rows();
    }

    private long blockColumns(long n, long blocksOfRows) {
        long panels = Math.ceilDiv(n, tiles.columns());
        long blocks = Math.clamp(Math.ceilDiv(PIECES, blocksOfRows), 1, Math.max(1, panels / FEWEST_PANELS));
        if (c.rows() == 1) {
            blocks = Math.clamp(n / VectorProduct.FEWEST_COLUMNS, 1, VECTOR_PIECES);
            return Math.min(Math.ceilDiv(panels, blocks) * tiles.columns(), VectorProduct.MOST_COLUMNS);
        }
        return Math.ceilDiv(panels, blocks) * tiles.columns();
    }

    private Storage pack(long batches, long k, long n) {
        long bytes = PackedRight.bytes(tiles, k, n);
        if (bytes > MOST_PACKED / batches) {
            return null;
        }
        Storage storage = Pool.host().allocate(bytes * batches, "matmul: packed matrix");
        long panels = Math.ceilDiv(n, tiles.columns());
        long grain = Math.max(1, (1 << 16) / Math.max(1, k * tiles.columns()));
        Workers.current().forRange(batches * panels, grain, (from, to) -> {
            for (long panel = from; panel < to; panel++) {
                long batch = panel / panels;
                new PackedRight(tiles, storage.segment(), batch * bytes, k)
                        .fill(b.matrix(batch), n, panel % panels * tiles.columns());
            }
        });
        return storage;
    }

    private void piece(long batch, long i, long rows, long j, long columns, Storage packed) {
        long k = a.columns();
        int height = (int) Math.min(rows, c.rows() - i);
        long width = Math.min(columns, c.columns() - j);
        PackedRight right = packed == null
                ? null
                : new PackedRight(tiles, packed.segment(), batch * PackedRight.bytes(tiles, k, c.columns()), k).from(j);
        Output out = output(batch, i, j);
        if (VectorProduct.suits(tiles, b.matrix(0), c.rows())) {
            new VectorProduct(tiles, a.matrix(batch), b.matrix(batch).from(0, j), (int) width, out).run(k);
            return;
        }
        new BlockProduct(
                        tiles,
                        height,
                        width,
                        a.matrix(batch).from(i, 0),
                        b.matrix(batch).from(0, j),
                        right,
                        out)
                .run(k);
    }

    /// From element `(i, j)` of one matrix on.
    private Output output(long batch, long i, long j) {
        return new Output(
                c.matrix(batch).from(i, j),
                epilogue.scale(),
                accumulate,
                bias(j),
                activation,
                part(epilogue.residual(), batch, i, j),
                part(epilogue.preActivation(), batch, i, j));
    }

    private Matrix bias(long j) {
        View bias = epilogue.bias();
        return bias == null ? null : Matrix.rows(bias.storage().segment(), bias.offset() + j, 0);
    }

    private static Matrix part(View view, long batch, long i, long j) {
        return view == null ? null : new Stack(view).matrix(batch).from(i, j);
    }
}
