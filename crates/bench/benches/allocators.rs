//! The same requests for the statistician: `cargo bench -p bench`.

use std::time::Duration;

use bench::mix::{Mix, Stream, stream};
use bench::objects;
use bench::table::{FRAMES, runners};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const REQUESTS: usize = 1 << 16;

fn allocators(criterion: &mut Criterion) {
    for frames in FRAMES {
        for mix in Mix::ALL {
            let mut group = criterion.benchmark_group(format!("{}, {frames} frames", mix.name()));
            group
                .sample_size(10)
                .warm_up_time(Duration::from_millis(200))
                .measurement_time(Duration::from_secs(1));
            if mix == Mix::Sweep {
                for mut runner in runners(frames, 0) {
                    group.throughput(Throughput::Elements(u64::from(runner.sweep().requests)));
                    group.bench_function(BenchmarkId::from_parameter(runner.name()), |bencher| {
                        bencher.iter_custom(|times| (0..times).map(|_| runner.sweep().time).sum());
                    });
                }
                continue;
            }
            // A stream ends elsewhere than it began: it is served piece by piece, and begun anew when it is at its end.
            let Stream { fill, steady, slots } = stream(mix, frames, 32 * REQUESTS, 1);
            group.throughput(Throughput::Elements(REQUESTS as u64));
            for at in 0..runners(1024, 0).len() {
                let fresh = || {
                    let mut runner = runners(frames, slots).swap_remove(at);
                    runner.serve(&fill);
                    runner
                };
                let (mut runner, mut pieces) = (fresh(), steady.chunks(REQUESTS));
                group.bench_function(BenchmarkId::from_parameter(runner.name()), |bencher| {
                    bencher.iter_custom(|times| {
                        let mut time = Duration::ZERO;
                        for _ in 0..times {
                            let piece = pieces.next().unwrap_or_else(|| {
                                runner = fresh();
                                pieces = steady.chunks(REQUESTS);
                                pieces.next().unwrap_or_default()
                            });
                            time += runner.serve(piece).time;
                        }
                        time
                    });
                });
            }
            group.finish();
        }
    }
}

/// Pieces smaller than a page: `kmalloc()` and its peers.
fn pieces(criterion: &mut Criterion) {
    for mix in objects::Mix::ALL {
        let (asks, slots) = objects::stream(mix, REQUESTS);
        let mut group = criterion.benchmark_group(mix.name());
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_secs(1))
            .throughput(Throughput::Elements(asks.len() as u64));
        for (name, mut turn) in objects::candidates(&asks, slots) {
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|times| (0..times).map(|_| turn(&asks, slots)).sum());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, allocators, pieces);
criterion_main!(benches);
