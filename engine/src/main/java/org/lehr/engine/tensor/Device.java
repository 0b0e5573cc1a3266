package org.lehr.engine.tensor;

import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.lehr.kernels.Backend;

/// Where tensors live and operations run.
public final class Device {

    /// Every backend that the class or module path offers, usable or not. A holder, so that it is asked for once.
    private static final class Found {
        static final List<Device> DEVICES = ServiceLoader.load(Backend.class).stream()
                .map(provider -> new Device(provider.get()))
                .toList();
        static final Device CPU = named("cpu");
    }

    private static final ScopedValue<Device> CHOSEN = ScopedValue.newInstance();

    private final Backend backend;

    private Device(Backend backend) {
        this.backend = backend;
    }

    /// The processor, always there.
    public static Device cpu() {
        return Found.CPU;
    }

    /// Where tensors are made when nobody says where: the device of the enclosing [#with], else the processor.
    public static Device current() {
        return CHOSEN.isBound() ? CHOSEN.get() : cpu();
    }

    /// Runs `body` with this device as [#current], in this thread, and returns its result.
    public <T> T with(Supplier<T> body) {
        return ScopedValue.where(CHOSEN, this).call(body::get);
    }

    /// The device of this name; a `DeviceMismatchException` says why when it cannot be used.
    public static Device of(String name) {
        Device device = named(name);
        device.backend.unusableBecause().ifPresent(reason -> {
            throw new DeviceMismatchException("device " + name + " cannot be used: " + reason);
        });
        return device;
    }

    /// All devices known, including those that cannot be used.
    public static List<Device> all() {
        return Found.DEVICES;
    }

    private static Device named(String name) {
        return Found.DEVICES.stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DeviceMismatchException("no device named '" + name + "'; known: "
                        + Found.DEVICES.stream().map(Device::name).collect(Collectors.joining(", "))));
    }

    public String name() {
        return backend.name();
    }

    /// The kernels of this device.
    public Backend backend() {
        return backend;
    }

    @Override
    public String toString() {
        return name();
    }
}
