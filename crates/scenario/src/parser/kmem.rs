//! Lines about kernel objects and vmalloc.

use mm::slab::Era;
use mm::slab_common::shrinker::DEFAULT_SEEKS;
use mm::slab_common::{Allocator, CacheArgs, KmallocType, MAX_OBJECT, SlabFlags};
use mm::units::PAGE_SIZE;

use super::cursor::{Cursor, Parsed};
use super::statement::{cpu_option, each_option, on_off, once, unknown_option};
use crate::ast::{Statement, Target};
use crate::diagnostic::What;
use crate::kmem::{CACHE_FLAGS, KMALLOC_TYPES, Kmem, KmemSetting};
use crate::span::Part;

/// More than any machine has, and less than any number that could overflow.
const MOST_BYTES: u64 = mm::limits::MAX_FRAMES_IMPORTED as u64 * PAGE_SIZE;

/// `slab slab 2.6`, `freelist_random on`
pub(super) fn setting(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    Ok(Statement::KmemSetting(match word {
        "slab" => match c.choice(What::Slab, &["slub", "slab"])? {
            0 => KmemSetting::Slab(Allocator::Slub, Era::Linux6_1),
            _ if c.keyword("2.6") => KmemSetting::Slab(Allocator::Slab, Era::Linux2_6),
            _ => KmemSetting::Slab(Allocator::Slab, Era::Linux6_1),
        },
        "freelist_random" => KmemSetting::FreelistRandom(on_off(c)?),
        "slab_colour" => KmemSetting::Colour(on_off(c)?),
        _ => KmemSetting::InitOnAlloc(on_off(c)?),
    }))
}

/// What stands behind `name = word`.
pub(super) fn request(c: &mut Cursor<'_, '_>, target: Target, word: &str) -> Parsed<Statement> {
    let zero = matches!(word, "kmem_cache_zalloc" | "kzalloc" | "vzalloc");
    Ok(Statement::Kmem(match word {
        "kmem_cache_create" => return create(c, target),
        "kmem_cache_alloc" | "kmem_cache_zalloc" => {
            let cache = c.target_of(What::Name, Part::Cache)?;
            Kmem::Alloc { target, cache, zero, cpu: cpu(c)? }
        }
        "kmalloc" | "kzalloc" => return kmalloc(c, target, zero),
        "kvmalloc" => {
            let bytes = size(c, 1 << 30)? as u32;
            Kmem::Kvmalloc { target, bytes, cpu: cpu(c)? }
        }
        _ => {
            let bytes = size(c, MOST_BYTES)?;
            Kmem::Vmalloc { target, bytes, zero, cpu: cpu(c)? }
        }
    }))
}

/// An op that gives no name.
pub(super) fn op(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    Ok(Statement::Kmem(match word {
        "register_shrinker" => {
            let cache = c.target()?;
            let seeks = if c.keyword("seeks") {
                c.equals()?;
                c.number(What::Number, 0, u64::from(u8::MAX))? as u8
            } else {
                DEFAULT_SEEKS
            };
            Kmem::RegisterShrinker { cache, seeks }
        }
        "list_lru_add" | "list_lru_del" => {
            Kmem::ListLru { target: c.target()?, unused: word == "list_lru_add" }
        }
        "kmem_cache_shrink" => Kmem::Shrink(c.target()?),
        "kmem_cache_destroy" => Kmem::Destroy(c.target()?),
        "reap" => Kmem::Reap(cpu(c)?),
        _ => {
            let target = c.target()?;
            let offset = if c.keyword("offset") {
                c.equals()?;
                c.bytes(0..=u64::from(MAX_OBJECT))? as u32
            } else {
                0
            };
            Kmem::Touch { target, offset, cpu: cpu(c)? }
        }
    }))
}

/// `cpu=1`, or nothing.
pub(super) fn cpu(c: &mut Cursor<'_, '_>) -> Parsed<u8> {
    if c.done() { Ok(0) } else { cpu_option(c) }
}

fn size(c: &mut Cursor<'_, '_>, most: u64) -> Parsed<u64> {
    let span = c.span();
    c.mark(Part::Size, span);
    c.bytes(0..=most)
}

fn kmalloc(c: &mut Cursor<'_, '_>, target: Target, zero: bool) -> Parsed<Statement> {
    let bytes = size(c, 1 << 30)? as u32;
    let said = KMALLOC_TYPES.into_iter().find(|(word, _)| c.keyword(word));
    let known = c.done() || c.peek_word() == Some("cpu");
    if !known && let Some(word) = c.word() {
        let types = KMALLOC_TYPES.into_iter().filter(|_| said.is_none()).map(|(word, _)| word);
        let words: Vec<&str> = types.chain(["cpu"]).collect();
        return Err(unknown_option(c, word, &words));
    }
    let ty = said.map_or(KmallocType::Normal, |(_, ty)| ty);
    Ok(Statement::Kmem(Kmem::Kmalloc { target, bytes, ty, zero, cpu: cpu(c)? }))
}

fn create(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 11] = [
        "size",
        "align",
        "hwcache_align",
        "reclaim_account",
        "dma",
        "dma32",
        "account",
        "typesafe_by_rcu",
        "ctor",
        "usercopy",
        "nomerge",
    ];
    let (mut bytes, mut align, mut flags) = (None, None, SlabFlags::NONE);
    let (mut ctor, mut user_copy, mut nomerge) = (None, None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return Err(c.expected(What::ObjectSize)) };
        match word {
            "size" => {
                c.equals()?;
                let span = c.span();
                c.mark(Part::Size, span);
                let value = c.bytes(1..=u64::from(MAX_OBJECT))?;
                once(c, word, &mut bytes, value as u32)
            }
            "align" => {
                c.equals()?;
                let span = c.span();
                let value = c.bytes(1..=PAGE_SIZE)? as u32;
                if !value.is_power_of_two() {
                    return Err(c.report(span, crate::diagnostic::Kind::NoPowerOfTwo { found: value }));
                }
                once(c, word, &mut align, value)
            }
            "ctor" => once(c, word, &mut ctor, ()),
            "usercopy" => once(c, word, &mut user_copy, ()),
            "nomerge" => once(c, word, &mut nomerge, ()),
            word => match CACHE_FLAGS.into_iter().find(|(of, _)| *of == word) {
                Some((_, flag)) if flags.has(flag) => once(c, word, &mut Some(()), ()),
                Some((_, flag)) => {
                    flags = flags | flag;
                    Ok(())
                }
                None => Err(unknown_option(c, word, &WORDS)),
            },
        }
    })?;
    let Some(object_size) = bytes else {
        return Err(c.expected(What::ObjectSize));
    };
    let args = CacheArgs {
        object_size,
        align: align.unwrap_or(0),
        flags,
        ctor: ctor.is_some(),
        user_copy: user_copy.is_some(),
    };
    Ok(Statement::Kmem(Kmem::Create { target, args, merge: nomerge.is_none() }))
}
