//! Ops of segments for property tests.

use mm::config::Arch;
use mm::process::Access;
use mm::segmentation::{Bounds, Cpu, Descriptor, Mode, Rights, SegReg, SegmentOp, Selector, Table};
use proptest::prelude::*;

fn page() -> impl Strategy<Value = u32> {
    any::<u32>().prop_map(|address| address & !0xfff)
}

fn access() -> BoxedStrategy<SegmentOp> {
    let access = prop::sample::select(vec![Access::Read, Access::Write, Access::Exec]);
    let reg = prop::option::of(prop::sample::select(SegReg::ALL.to_vec()));
    let offset = prop_oneof![0u64..0x2_0000, any::<u64>()];
    (access, reg, offset, prop::sample::select(vec![1u8, 2, 4, 8]))
        .prop_map(|(access, reg, offset, size)| {
            // Code is executed through CS.
            let reg = if access == Access::Exec { reg.map(|_| SegReg::Cs) } else { reg };
            SegmentOp::Access { access, reg, offset, size }
        })
        .boxed()
}

/// Any op of segments.
pub fn segment() -> BoxedStrategy<SegmentOp> {
    let selector = || any::<u16>().prop_map(Selector);
    let reg = || prop::sample::select(SegReg::ALL.to_vec());
    let bounds = prop::option::of((any::<u32>(), any::<u32>()));
    let frame = prop::option::of((page(), any::<bool>(), any::<bool>()));
    prop_oneof![
        prop::sample::select(Cpu::ALL.to_vec()).prop_map(SegmentOp::Cpu),
        prop::sample::select(Mode::ALL.to_vec()).prop_map(SegmentOp::Mode),
        any::<bool>().prop_map(SegmentOp::A20),
        bounds.prop_map(|b| SegmentOp::Relocation(b.map(|(base, limit)| Bounds { base, limit }))),
        (any::<bool>(), 1u16..8192, any::<u64>()).prop_map(|(local, index, bits)| SegmentOp::Write {
            table: if local { Table::Ldt } else { Table::Gdt },
            index,
            descriptor: Descriptor(bits),
        }),
        selector().prop_map(SegmentOp::Lldt),
        (reg(), selector()).prop_map(|(reg, selector)| SegmentOp::Load { reg, selector }),
        (selector(), selector()).prop_map(|(cs, ss)| SegmentOp::Return { cs, ss }),
        prop::sample::select(vec![Arch::I386, Arch::X86_64]).prop_map(SegmentOp::Linux),
        (page(), frame).prop_map(|(linear, frame)| SegmentOp::Page {
            linear,
            frame: frame.map(|(frame, write, user)| (frame, Rights { write, user })),
        }),
        any::<bool>().prop_map(SegmentOp::Paging),
        (any::<bool>(), any::<u64>())
            .prop_map(|(gs, base)| SegmentOp::Base { reg: if gs { SegReg::Gs } else { SegReg::Fs }, base }),
        access(),
        access(),
        access(),
    ]
    .boxed()
}
