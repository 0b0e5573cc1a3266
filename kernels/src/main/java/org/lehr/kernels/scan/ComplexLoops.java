package org.lehr.kernels.scan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// What [SelectiveLoops] does with states, for complex ones: a state is two rows, its real parts and its imaginary
/// ones. The rates' real parts are in units of `ln 2`, the imaginary ones are angles. Vectors are loaded and stored
/// without calls, for the reason given there.
final class ComplexLoops {

    private static final VectorSpecies<Float> F = Species.F32;
    private static final int ROW = SelectiveLoops.ROW;
    private static final ByteOrder N = ByteOrder.nativeOrder();

    /// `1.5·2²³`: adding it leaves the nearest integer in the low bits.
    private static final float ROUNDER = 12582912f;

    /// Beyond this angle π/2 in three parts is not enough.
    private static final float CIRCLE_LIMIT = 65536;

    private ComplexLoops() {}

    /// Turns the decays' sizes, which stand where their real parts belong, by `Δ·im(a)`: the angle is `n·π/2 + r`,
    /// with
    /// π/2 in three parts (Cody, Waite 1980), and sine and cosine of `r` are the polynomials of
    /// [org.lehr.kernels.lanes.VectorMath].
    static void turn(Places p, int states, int count) {
        MemorySegment s = NativeMemory.of(p.memory());
        long time = (long) states * ROW;
        for (int t = 0; t < count; t++) {
            FloatVector width = FloatVector.fromMemorySegment(F, s, p.width() + (long) t * ROW, N);
            for (int j = 0; j < states; j += 2) {
                long at = p.decays() + t * time + (long) j * ROW;
                FloatVector angle = FloatVector.fromMemorySegment(F, s, p.a() + (j + 1L) * ROW, N)
                        .mul(width);
                FloatVector shifted =
                        angle.fma(FloatVector.broadcast(F, 0.63661975f), FloatVector.broadcast(F, ROUNDER));
                FloatVector n = shifted.sub(ROUNDER);
                FloatVector r = n.fma(FloatVector.broadcast(F, -0x1.921fb4p0f), angle);
                r = n.fma(FloatVector.broadcast(F, -0x1.4442dp-24f), r);
                r = n.fma(FloatVector.broadcast(F, -0x1.84698ap-48f), r);
                FloatVector square = r.mul(r);
                FloatVector sine = FloatVector.broadcast(F, 0x1.7a86b2p-19f);
                sine = sine.fma(square, FloatVector.broadcast(F, -0x1.a053f2p-13f));
                sine = sine.fma(square, FloatVector.broadcast(F, 0x1.111170p-7f));
                sine = sine.fma(square, FloatVector.broadcast(F, -0x1.555556p-3f));
                sine = sine.fma(square, FloatVector.broadcast(F, 1)).mul(r);
                FloatVector cosine = FloatVector.broadcast(F, 0x1.99911cp-16f);
                cosine = cosine.fma(square, FloatVector.broadcast(F, -0x1.6c0af4p-10f));
                cosine = cosine.fma(square, FloatVector.broadcast(F, 0x1.555548p-5f));
                cosine = cosine.fma(square, FloatVector.broadcast(F, -0.5f));
                cosine = cosine.fma(square, FloatVector.broadcast(F, 1));
                IntVector quadrant = shifted.reinterpretAsInts();
                VectorMask<Float> odd = quadrant.lanewise(VectorOperators.AND, 1)
                        .compare(VectorOperators.NE, 0)
                        .cast(F);
                IntVector down = quadrant.lanewise(VectorOperators.AND, 2).lanewise(VectorOperators.LSHL, 30);
                IntVector left =
                        quadrant.add(1).lanewise(VectorOperators.AND, 2).lanewise(VectorOperators.LSHL, 30);
                FloatVector size = FloatVector.fromMemorySegment(F, s, at, N);
                cosine.blend(sine, odd)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.XOR, left)
                        .reinterpretAsFloats()
                        .mul(size)
                        .intoMemorySegment(s, at, N);
                sine.blend(cosine, odd)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.XOR, down)
                        .reinterpretAsFloats()
                        .mul(size)
                        .intoMemorySegment(s, at + ROW, N);
                if (angle.abs().compare(VectorOperators.GT, CIRCLE_LIMIT).anyTrue()) {
                    size.intoMemorySegment(s, at, N);
                    turnFar(s, at, p.width() + (long) t * ROW, p.a() + (j + 1L) * ROW);
                }
            }
        }
    }

    /// Lane by lane; such angles are rare.
    private static void turnFar(MemorySegment s, long at, long width, long a) {
        for (long i = 0; i < ROW; i += 4) {
            float size = s.get(JAVA_FLOAT_UNALIGNED, at + i);
            double angle = s.get(JAVA_FLOAT_UNALIGNED, width + i) * s.get(JAVA_FLOAT_UNALIGNED, a + i);
            s.set(JAVA_FLOAT_UNALIGNED, at + i, size * (float) StrictMath.cos(angle));
            s.set(JAVA_FLOAT_UNALIGNED, at + ROW + i, size * (float) StrictMath.sin(angle));
        }
    }

    /// `h = decay∘h + drive·b` and `y += 2·Re Σ c·h` from time `from` to `to`.
    static void advance(Places p, Rows b, Rows c, int states, int from, int to) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(b.memory());
        MemorySegment out = NativeMemory.of(c.memory());
        for (int t = from; t < to; t++) {
            long row = (long) t * ROW;
            long inRow = b.row(t);
            long outRow = c.row(t);
            long decays = p.decays() + row * states;
            FloatVector drive = FloatVector.fromMemorySegment(F, s, p.drive() + row, N);
            FloatVector sum = FloatVector.zero(F);
            for (int j = 0; j < states; j += 2) {
                long re = (long) j * ROW;
                long im = re + ROW;
                FloatVector turnRe = FloatVector.fromMemorySegment(F, s, decays + re, N);
                FloatVector turnIm = FloatVector.fromMemorySegment(F, s, decays + im, N);
                FloatVector wasRe = FloatVector.fromMemorySegment(F, s, p.h() + re, N);
                FloatVector wasIm = FloatVector.fromMemorySegment(F, s, p.h() + im, N);
                FloatVector hRe = drive.mul(in.get(JAVA_FLOAT_UNALIGNED, inRow + 4L * j));
                FloatVector hIm = drive.mul(in.get(JAVA_FLOAT_UNALIGNED, inRow + 4L * j + 4));
                hRe = turnRe.fma(wasRe, turnIm.neg().fma(wasIm, hRe));
                hIm = turnRe.fma(wasIm, turnIm.fma(wasRe, hIm));
                hRe.intoMemorySegment(s, p.h() + re, N);
                hIm.intoMemorySegment(s, p.h() + im, N);
                sum = hRe.fma(FloatVector.broadcast(F, out.get(JAVA_FLOAT_UNALIGNED, outRow + 4L * j)), sum);
                sum = hIm.fma(FloatVector.broadcast(F, -out.get(JAVA_FLOAT_UNALIGNED, outRow + 4L * j + 4)), sum);
            }
            sum.fma(FloatVector.broadcast(F, 2), FloatVector.fromMemorySegment(F, s, p.y() + row, N))
                    .intoMemorySegment(s, p.y() + row, N);
        }
    }

    /// As [#advance] without `y`; leaves, a row of states later, the states of all times.
    static void retrace(Places p, Rows b, int states, int from, int to) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(b.memory());
        long time = (long) states * ROW;
        for (int t = from; t < to; t++) {
            long inRow = b.row(t);
            long was = p.trace() + t * time;
            long decays = p.decays() + t * time;
            FloatVector drive = FloatVector.fromMemorySegment(F, s, p.drive() + (long) t * ROW, N);
            for (int j = 0; j < states; j += 2) {
                long re = (long) j * ROW;
                long im = re + ROW;
                FloatVector turnRe = FloatVector.fromMemorySegment(F, s, decays + re, N);
                FloatVector turnIm = FloatVector.fromMemorySegment(F, s, decays + im, N);
                FloatVector wasRe = FloatVector.fromMemorySegment(F, s, was + re, N);
                FloatVector wasIm = FloatVector.fromMemorySegment(F, s, was + im, N);
                FloatVector hRe = drive.mul(in.get(JAVA_FLOAT_UNALIGNED, inRow + 4L * j));
                FloatVector hIm = drive.mul(in.get(JAVA_FLOAT_UNALIGNED, inRow + 4L * j + 4));
                turnRe.fma(wasRe, turnIm.neg().fma(wasIm, hRe)).intoMemorySegment(s, was + time + re, N);
                turnRe.fma(wasIm, turnIm.fma(wasRe, hIm)).intoMemorySegment(s, was + time + im, N);
            }
        }
    }

    /// As [SelectiveLoops#reverse], over all times below `count`.
    static void reverse(Places p, Rows b, Rows c, int states, int count) {
        MemorySegment s = NativeMemory.of(p.memory());
        MemorySegment in = NativeMemory.of(b.memory());
        MemorySegment out = NativeMemory.of(c.memory());
        long time = (long) states * ROW;
        for (int t = count - 1; t >= 0; t--) {
            long row = (long) t * ROW;
            long inRow = b.row(t);
            long outRow = c.row(t);
            FloatVector width = FloatVector.fromMemorySegment(F, s, p.width() + row, N);
            FloatVector drive = FloatVector.fromMemorySegment(F, s, p.drive() + row, N);
            FloatVector slope =
                    FloatVector.fromMemorySegment(F, s, p.slope() + row, N).mul(2);
            FloatVector read = FloatVector.zero(F);
            FloatVector dWidth = FloatVector.zero(F);
            FloatVector dDrive = FloatVector.zero(F);
            for (int j = 0; j < states; j += 2) {
                long re = (long) j * ROW;
                long im = re + ROW;
                long allRe = t * time + re;
                long allIm = t * time + im;
                float cRe = out.get(JAVA_FLOAT_UNALIGNED, outRow + 4L * j);
                float cIm = out.get(JAVA_FLOAT_UNALIGNED, outRow + 4L * j + 4);
                FloatVector hRe = FloatVector.fromMemorySegment(F, s, p.trace() + allRe + time, N);
                FloatVector hIm = FloatVector.fromMemorySegment(F, s, p.trace() + allIm + time, N);
                read = hRe.fma(FloatVector.broadcast(F, cRe), read);
                read = hIm.fma(FloatVector.broadcast(F, -cIm), read);
                slope.fma(hRe, FloatVector.fromMemorySegment(F, s, p.sumC() + allRe, N))
                        .intoMemorySegment(s, p.sumC() + allRe, N);
                slope.neg()
                        .fma(hIm, FloatVector.fromMemorySegment(F, s, p.sumC() + allIm, N))
                        .intoMemorySegment(s, p.sumC() + allIm, N);
                FloatVector dRe = slope.fma(
                        FloatVector.broadcast(F, cRe), FloatVector.fromMemorySegment(F, s, p.carry() + re, N));
                FloatVector dIm = slope.fma(
                        FloatVector.broadcast(F, -cIm), FloatVector.fromMemorySegment(F, s, p.carry() + im, N));
                dRe.fma(drive, FloatVector.fromMemorySegment(F, s, p.sumB() + allRe, N))
                        .intoMemorySegment(s, p.sumB() + allRe, N);
                dIm.fma(drive, FloatVector.fromMemorySegment(F, s, p.sumB() + allIm, N))
                        .intoMemorySegment(s, p.sumB() + allIm, N);
                dDrive = dRe.fma(FloatVector.broadcast(F, in.get(JAVA_FLOAT_UNALIGNED, inRow + 4L * j)), dDrive);
                dDrive = dIm.fma(FloatVector.broadcast(F, in.get(JAVA_FLOAT_UNALIGNED, inRow + 4L * j + 4)), dDrive);
                FloatVector turnRe = FloatVector.fromMemorySegment(F, s, p.decays() + allRe, N);
                FloatVector turnIm = FloatVector.fromMemorySegment(F, s, p.decays() + allIm, N);
                FloatVector backRe = turnRe.fma(dRe, turnIm.mul(dIm));
                FloatVector backIm = turnRe.fma(dIm, turnIm.mul(dRe).neg());
                backRe.intoMemorySegment(s, p.carry() + re, N);
                backIm.intoMemorySegment(s, p.carry() + im, N);
                FloatVector wasRe = FloatVector.fromMemorySegment(F, s, p.trace() + allRe, N);
                FloatVector wasIm = FloatVector.fromMemorySegment(F, s, p.trace() + allIm, N);
                FloatVector qRe = backRe.fma(wasRe, backIm.mul(wasIm));
                FloatVector qIm = backIm.fma(wasRe, backRe.mul(wasIm).neg());
                dWidth = qRe.fma(FloatVector.fromMemorySegment(F, s, p.a() + re, N), dWidth);
                dWidth = qIm.mul(SelectiveLoops.LOG2_E).fma(FloatVector.fromMemorySegment(F, s, p.a() + im, N), dWidth);
                qRe.fma(width, FloatVector.fromMemorySegment(F, s, p.sumA() + re, N))
                        .intoMemorySegment(s, p.sumA() + re, N);
                qIm.fma(width, FloatVector.fromMemorySegment(F, s, p.sumA() + im, N))
                        .intoMemorySegment(s, p.sumA() + im, N);
            }
            read.fma(FloatVector.broadcast(F, 2), FloatVector.fromMemorySegment(F, s, p.y() + row, N))
                    .intoMemorySegment(s, p.y() + row, N);
            dWidth.intoMemorySegment(s, p.dWidth() + row, N);
            dDrive.intoMemorySegment(s, p.dDrive() + row, N);
        }
    }
}
