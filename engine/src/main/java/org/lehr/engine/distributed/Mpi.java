package org.lehr.engine.distributed;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandleProxies;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;

/// The functions of Open MPI that messages need, called in its C interface, where handles are addresses. One thread at
/// a time is in the library, which all builds of it allow.
final class Mpi {

    /// `MPI_ANY_SOURCE` of Open MPI.
    static final int ANY_SOURCE = -1;

    private static final List<String> LIBRARIES = List.of("libmpi.so.40", "libmpi.so", "libmpi.40.dylib");
    private static final int THREAD_SERIALIZED = 2;
    private static final int STATUS_BYTES = 24;

    /// A transfer that has begun: where its handle stands.
    record Request(MemorySegment handle) {}

    /// A message that could be received now.
    record Arrived(int from, int bytes) {}

    /// `MPI_Init_thread`.
    @FunctionalInterface
    public interface Init {
        int call(MemorySegment argc, MemorySegment argv, int required, MemorySegment provided);
    }

    /// `MPI_Comm_rank`, `MPI_Comm_size`, `MPI_Comm_set_errhandler`.
    @FunctionalInterface
    public interface OfGroup {
        int call(MemorySegment group, MemorySegment value);
    }

    /// `MPI_Isend`, `MPI_Irecv`.
    @FunctionalInterface
    public interface Transfer {
        int call(
                MemorySegment buffer,
                int count,
                MemorySegment type,
                int other,
                int tag,
                MemorySegment group,
                MemorySegment request);
    }

    /// `MPI_Test`, `MPI_Get_count`.
    @FunctionalInterface
    public interface Look {
        int call(MemorySegment a, MemorySegment b, MemorySegment c);
    }

    /// `MPI_Iprobe`.
    @FunctionalInterface
    public interface Probe {
        int call(int from, int tag, MemorySegment group, MemorySegment flag, MemorySegment status);
    }

    /// `MPI_Finalize`.
    @FunctionalInterface
    public interface End {
        int call();
    }

    private final SymbolLookup library = library();
    private final MemorySegment group = symbol("ompi_mpi_comm_world");
    private final MemorySegment bytes = symbol("ompi_mpi_byte");
    private final Transfer send = bind("MPI_Isend", Transfer.class);
    private final Transfer receive = bind("MPI_Irecv", Transfer.class);
    private final Look test = bind("MPI_Test", Look.class);
    private final Look count = bind("MPI_Get_count", Look.class);
    private final Probe probe = bind("MPI_Iprobe", Probe.class);
    private final MemorySegment number = Arena.global().allocate(ValueLayout.JAVA_INT);
    private final MemorySegment status = Arena.global().allocate(STATUS_BYTES, Long.BYTES);
    private final int rank;
    private final int size;

    /// Joins the processes that `mpirun` has started; a process does so once.
    Mpi() {
        Init init = bind("MPI_Init_thread", Init.class);
        require("MPI_Init_thread", init.call(MemorySegment.NULL, MemorySegment.NULL, THREAD_SERIALIZED, number));
        if (value() < THREAD_SERIALIZED) {
            throw new CommunicationException("mpi: this build of Open MPI allows no threads");
        }
        OfGroup errors = bind("MPI_Comm_set_errhandler", OfGroup.class);
        require("MPI_Comm_set_errhandler", errors.call(group, symbol("ompi_mpi_errors_return")));
        require("MPI_Comm_rank", bind("MPI_Comm_rank", OfGroup.class).call(group, number));
        rank = value();
        require("MPI_Comm_size", bind("MPI_Comm_size", OfGroup.class).call(group, number));
        size = value();
    }

    int rank() {
        return rank;
    }

    int size() {
        return size;
    }

    synchronized Request send(MemorySegment buffer, int to, int tag) {
        Request request = request();
        int length = Math.toIntExact(buffer.byteSize());
        require("MPI_Isend", send.call(buffer, length, bytes, to, tag, group, request.handle));
        return request;
    }

    synchronized Request receive(MemorySegment buffer, int from, int tag) {
        Request request = request();
        int length = Math.toIntExact(buffer.byteSize());
        require("MPI_Irecv", receive.call(buffer, length, bytes, from, tag, group, request.handle));
        return request;
    }

    synchronized boolean isDone(Request request) {
        require("MPI_Test", test.call(request.handle, number, status));
        return value() != 0;
    }

    /// The next message, null when none is there.
    synchronized Arrived probe(int from, int tag) {
        require("MPI_Iprobe", probe.call(from, tag, group, number, status));
        if (value() == 0) {
            return null;
        }
        require("MPI_Get_count", count.call(status, bytes, number));
        return new Arrived(status.get(ValueLayout.JAVA_INT, 0), value());
    }

    /// Leaves; all processes do so together.
    synchronized void end() {
        require("MPI_Finalize", bind("MPI_Finalize", End.class).call());
    }

    private static Request request() {
        return new Request(Arena.ofAuto().allocate(ValueLayout.ADDRESS));
    }

    private int value() {
        return number.get(ValueLayout.JAVA_INT, 0);
    }

    private static void require(String function, int code) {
        if (code != 0) {
            throw new CommunicationException("mpi: " + function + " failed with code " + code);
        }
    }

    @SuppressWarnings("restricted")
    private static SymbolLookup library() {
        IllegalArgumentException missing = null;
        for (String name : LIBRARIES) {
            try {
                return SymbolLookup.libraryLookup(name, Arena.global());
            } catch (IllegalArgumentException e) {
                missing = e;
            }
        }
        throw new CommunicationException(
                "mpi: found none of " + LIBRARIES + "; install Open MPI (Debian: openmpi-bin)", missing);
    }

    private MemorySegment symbol(String name) {
        return library.find(name)
                .orElseThrow(() -> new CommunicationException("mpi: the library is not Open MPI: it has no " + name));
    }

    /// A function as what its interface says of numbers and addresses.
    @SuppressWarnings("restricted")
    private <T> T bind(String name, Class<T> form) {
        Method call = form.getMethods()[0];
        MemoryLayout[] parameters = Arrays.stream(call.getParameterTypes())
                .map(type -> type == int.class ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS)
                .toArray(MemoryLayout[]::new);
        return MethodHandleProxies.asInterfaceInstance(
                form,
                Linker.nativeLinker()
                        .downcallHandle(symbol(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters)));
    }
}
