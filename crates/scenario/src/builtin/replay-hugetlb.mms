# What a real 6.1 kernel did between two dumps of its free lists: eight huge pages
# into hugetlb's pool and out of it again.
# Origin: shared/truth/amd64_256M_smp1/win_hugetlb (Debian 6.1.192, one CPU, 256 MiB): before_lists.txt and trace.tsv.gz.
title "Real kernel: eight huge pages" zh "真实内核：八个大页"
rules 6.1
ram 65495 frames
pageblocks DMA 0 1*7
figures DMA min=34 low=42 high=50
pcp_sizes DMA cpu=0 high=42 batch=1
free_list DMA 5 Unmovable: 0x120
free_list DMA 6 Unmovable: 0x140
free_list DMA 7 Unmovable: 0x180
free_list DMA 9 Movable: 0x200
free_list DMA 10 Movable: 0x400 0x800 0xc00
pageblocks DMA32 0022002222 0*8 22 0*12 1*46 0*22 1*20
figures DMA32 min=412 low=515 high=618
pcp_sizes DMA32 cpu=0 high=515 batch=15
pcp_list DMA32 cpu=0 order=0 Unmovable: 0x3303 0x32ff 0x330f 0x32ad 0x32c2
pcp_list DMA32 cpu=0 order=0 Movable: 0xa4b0 0xa4b1 0xa4b2 0xa4b3 0xa4b4 0xa4b5 0xa4b6
pcp_list DMA32 cpu=0 order=1 Unmovable: 0x32ae 0x32c0 0x2794 0x2792 0x4f58
free_list DMA32 0 Unmovable: 0x2d51
free_list DMA32 0 Movable: 0xa4b7
free_list DMA32 1 Unmovable: 0x4f06 0x4ef6 0x329c 0x2d06 0x4fb0 0x4f08 0x32fc 0x330c 0x3306 0x3300 0x2d14 0x2b02 0x32a8 0x2946 0x2bbe 0x2d52 0x4f52
free_list DMA32 1 Reclaimable: 0x3446 0x3440 0x3438 0x34fa 0x34d4 0x3414 0x3484
free_list DMA32 2 Unmovable: 0x4f54 0x2c60 0x3290 0x4ef8 0x4f1c 0x32a4 0x2d54 0x3274
free_list DMA32 2 Reclaimable: 0x3478 0x34d8 0x344c 0x342c 0x21b4 0x2398 0x23e4 0x3410 0x3424 0x3434 0x3470 0x34d0 0x3480
free_list DMA32 3 Unmovable: 0x2d58 0x2d08 0x3278
free_list DMA32 3 Movable: 0xa4b8
free_list DMA32 3 Reclaimable: 0x3418 0x23a8 0x21b8 0x34f0 0x3488 0x2390
free_list DMA32 4 Unmovable: 0x3280 0x4f40 0x4fa0
free_list DMA32 4 Reclaimable: 0x3460 0x34c0 0x23c0 0x23b0 0x2380 0x3450 0x3490 0x34e0
free_list DMA32 5 Unmovable: 0x4f60 0x4f80
free_list DMA32 5 Reclaimable: 0x34a0
free_list DMA32 6 Unmovable: 0x4fc0
free_list DMA32 6 Movable: 0x5100 0x51c0 0x6240 0xa500 0x69c0 0x6540 0x8e40 0x7b00 0x58c0 0x6880 0x6600
free_list DMA32 6 Reclaimable: 0x21c0
free_list DMA32 7 Movable: 0xa800 0x9f00 0x7a80 0xab80 0x5000 0x6300 0x6280 0xa680 0x8c80 0xfe00 0xff00 0x8d00 0x6400 0x6800 0x6680 0x6b00
free_list DMA32 7 Reclaimable: 0x2300
free_list DMA32 8 Movable: 0x6700 0xaa00 0xa900 0x6a00 0x5900
free_list DMA32 8 Reclaimable: 0x2200 0x3500
free_list DMA32 9 Movable: 0x5200 0x6000 0xf400 0x5a00
free_list DMA32 9 Reclaimable: 0x3600
free_list DMA32 10 Unmovable: 0xb000 0xbc00 0xc800 0xb800 0xb400 0xc000 0xc400 0xac00 0xcc00 0xd400 0xd000
free_list DMA32 10 Movable: 0x5c00 0x5400 0xd800 0xdc00 0xe000 0xe400 0xe800 0xec00 0xf000

say "What a real kernel did, one line each. The rules run beside it: where they differ, the step says so." zh "真实内核做过的事，一行一件。规则同时推演，哪里不同就在哪一步说出来。"
kernel alloc 0x3303 order=0 gfp=GFP_HIGHUSER|__GFP_ACCOUNT
say "Eight huge pages for the pool. Order 9 has a per-CPU list of its own: it is refilled with two at a time." zh "给池子要八个大页。9 阶有自己的 per-CPU 链表，每次补两块。"
kernel alloc 0x5200 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE taken 0x5200 0x6000
kernel alloc 0x6000 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE
kernel alloc 0xf400 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE taken 0xf400 0x5a00
kernel alloc 0x5a00 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE
kernel alloc 0x5c00 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE taken 0x5c00..0x5e00
kernel alloc 0x5e00 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE
kernel alloc 0x5400 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE taken 0x5400..0x5600
kernel alloc 0x5600 order=9 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE
say "They come back. 512 pages at once are too many for the CPU's lists: each goes on to the buddy system." zh "还回来了。一次 512 页，CPU 的链表放不下，每块都继续退给伙伴系统。"
kernel free 0x5200 order=9 drained order=9 Movable 0x5200
kernel free 0x6000 order=9 drained order=9 Movable 0x6000
kernel free 0xf400 order=9 drained order=9 Movable 0xf400
kernel free 0x5a00 order=9 drained order=9 Movable 0x5a00
kernel free 0x5c00 order=9 drained order=9 Movable 0x5c00
kernel free 0x5e00 order=9 drained order=9 Movable 0x5e00
kernel free 0x5400 order=9 drained order=9 Movable 0x5400
kernel free 0x5600 order=9 drained order=9 Movable 0x5600
kernel alloc 0x32ff order=0 gfp=GFP_HIGHUSER|__GFP_ACCOUNT
