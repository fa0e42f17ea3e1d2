# What a real 6.1 kernel did between two dumps of its free lists: each order
# from 0 to 10 of three migratetypes, freed last in, first out.
# Origin: shared/truth/amd64_256M_smp1/win_kbuddy0 (Debian 6.1.192, one CPU, 256 MiB): before_lists.txt and trace.tsv.gz.
title "Real kernel: every order, every type" zh "真实内核：每阶每类"
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
pageblocks DMA32 0022002222 0*8 22 0*12 1*88
figures DMA32 min=412 low=515 high=618
pcp_sizes DMA32 cpu=0 high=515 batch=15
pcp_list DMA32 cpu=0 order=0 Unmovable: 0x4fb0
pcp_list DMA32 cpu=0 order=0 Movable: 0x7a4b 0x7a4c
pcp_list DMA32 cpu=0 order=0 Reclaimable: 0x347c 0x347d 0x349e 0x349f 0x3450 0x3451 0x3452 0x3453 0x3470 0x3471 0x3472 0x3473 0x3464 0x3465
pcp_list DMA32 cpu=0 order=1 Unmovable: 0x4f08 0x2c60 0x2bbe 0x2b02 0x4f56
pcp_list DMA32 cpu=0 order=2 Reclaimable: 0x34b4 0x34b8
free_list DMA32 0 Unmovable: 0x4fb1
free_list DMA32 0 Movable: 0x7a4d
free_list DMA32 1 Unmovable: 0x4f02
free_list DMA32 1 Movable: 0x7a4e
free_list DMA32 1 Reclaimable: 0x3466
free_list DMA32 2 Unmovable: 0x32a4 0x4f1c 0x4ef8
free_list DMA32 2 Reclaimable: 0x34bc
free_list DMA32 4 Unmovable: 0x4f40 0x4fa0
free_list DMA32 4 Movable: 0x7a50
free_list DMA32 5 Unmovable: 0x4f60 0x4f80
free_list DMA32 5 Movable: 0x7a60
free_list DMA32 6 Unmovable: 0x4fc0
free_list DMA32 6 Reclaimable: 0x34c0
free_list DMA32 7 Movable: 0x8e00 0x8c80 0xfe00 0x8500 0xff00 0x8d00 0x7b00 0x9e80 0x7a80 0x9f00 0xa800
free_list DMA32 8 Movable: 0xa900
free_list DMA32 8 Reclaimable: 0x3500
free_list DMA32 9 Movable: 0xaa00
free_list DMA32 9 Reclaimable: 0x3600
free_list DMA32 10 Movable: 0xac00 0xb000 0xb400 0xb800 0xbc00 0xc000 0xc400 0xc800 0xcc00 0xd000 0xd400 0xd800 0xdc00 0xe000 0xe400 0xe800 0xec00 0xf000

kernel alloc 0x4fb0 order=0 gfp=GFP_HIGHUSER|__GFP_ACCOUNT
say "Orders 0 to 10, three migratetypes of each. Up to order 3 the CPU's own lists come first." zh "从 0 阶到 10 阶，每阶三种类型。3 阶以下先看 CPU 自己的链表。"
kernel alloc 0x7a4b order=0 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN
kernel alloc 0x347c order=0 gfp=GFP_KERNEL|__GFP_NOWARN|__GFP_RECLAIMABLE
kernel alloc 0x4f08 order=1 gfp=GFP_KERNEL|__GFP_NOWARN
kernel alloc 0x7a4e order=1 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN taken 0x7a4e..0x7a5a
kernel alloc 0x3466 order=1 gfp=GFP_KERNEL|__GFP_NOWARN|__GFP_RECLAIMABLE taken 0x3466 0x34bc..0x34c6
kernel alloc 0x32a4 order=2 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x32a4 0x4f1c 0x4ef8
kernel alloc 0x7a5c order=2 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN taken 0x7a5c..0x7a64
kernel alloc 0x34b4 order=2 gfp=GFP_KERNEL|__GFP_NOWARN|__GFP_RECLAIMABLE
kernel alloc 0x4f40 order=3 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x4f40..0x4f48
kernel alloc 0x7a68 order=3 gfp=GFP_HIGHUSER_MOVABLE|__GFP_NOWARN taken 0x7a68..0x7a70
kernel alloc 0x34c8 order=3 gfp=GFP_KERNEL|__GFP_NOWARN|__GFP_RECLAIMABLE taken 0x34c8..0x34d0
kernel alloc 0x4fa0 order=4 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x4fa0
kernel alloc 0x4f60 order=4 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x4f60
kernel alloc 0x4f70 order=4 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x4f70
kernel alloc 0x4f80 order=5 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x4f80
kernel alloc 0x4fc0 order=5 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x4fc0
kernel alloc 0x4fe0 order=5 gfp=GFP_KERNEL|__GFP_NOWARN taken 0x4fe0
kernel alloc 0xac00 order=6 gfp=GFP_KERNEL|__GFP_NOWARN stolen 0xac00 order=10 from=Movable claimed taken 0xac00
kernel alloc 0xac40 order=6 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xac40
kernel alloc 0xac80 order=6 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xac80
kernel alloc 0xad00 order=7 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xad00
kernel alloc 0xad80 order=7 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xad80
kernel alloc 0xae00 order=7 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xae00
kernel alloc 0xaf00 order=8 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xaf00
kernel alloc 0xb000 order=8 gfp=GFP_KERNEL|__GFP_NOWARN stolen 0xb000 order=10 from=Movable claimed taken 0xb000
kernel alloc 0xb100 order=8 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xb100
kernel alloc 0xb200 order=9 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xb200 stolen 0xb400 order=10 from=Movable claimed taken 0xb400
kernel alloc 0xb400 order=9 gfp=GFP_KERNEL|__GFP_NOWARN
kernel alloc 0xb600 order=9 gfp=GFP_KERNEL|__GFP_NOWARN taken 0xb600 stolen 0xb800 order=10 from=Movable claimed taken 0xb800
kernel alloc 0xbc00 order=10 gfp=GFP_KERNEL|__GFP_NOWARN stolen 0xbc00 order=10 from=Movable claimed taken 0xbc00
kernel alloc 0xc000 order=10 gfp=GFP_KERNEL|__GFP_NOWARN stolen 0xc000 order=10 from=Movable claimed taken 0xc000
kernel alloc 0xc400 order=10 gfp=GFP_KERNEL|__GFP_NOWARN stolen 0xc400 order=10 from=Movable claimed taken 0xc400
say "Freed again, the last one first." zh "再释放，后进先出。"
kernel free 0xc400 order=10
kernel free 0xc000 order=10
kernel free 0xbc00 order=10
kernel free 0xb600 order=9 drained order=9 Unmovable 0xb800
kernel free 0xb400 order=9 drained order=9 Unmovable 0xb600
kernel free 0xb200 order=9 drained order=9 Unmovable 0xb400
kernel free 0xb100 order=8
kernel free 0xb000 order=8
kernel free 0xaf00 order=8
kernel free 0xae00 order=7
kernel free 0xad80 order=7
kernel free 0xad00 order=7
kernel free 0xac80 order=6
kernel free 0xac40 order=6
kernel free 0xac00 order=6
kernel free 0x4fe0 order=5
kernel free 0x4fc0 order=5
kernel free 0x4f80 order=5
kernel free 0x4f70 order=4
kernel free 0x4f60 order=4
kernel free 0x4fa0 order=4
kernel free 0x34c8 order=3 drained order=3 Reclaimable 0x34d0 0x34c8 drained order=9 Unmovable 0xb200 drained order=0 Movable 0x7a4c drained order=0 Reclaimable 0x3465 0x3464 0x3473 0x3472 0x3471 0x3470 0x3453 0x3452 0x3451 0x3450 0x349f 0x349e 0x347d drained order=1 Unmovable 0x4f56 0x2b02 0x2bbe 0x2c60 drained order=1 Movable 0x7a5a 0x7a58 0x7a56 0x7a54 0x7a52 0x7a50 drained order=1 Reclaimable 0x34c6 0x34c4 0x34c2 0x34c0 0x34be 0x34bc drained order=2 Unmovable 0x4ef8 0x4f1c drained order=2 Movable 0x7a64 0x7a60 drained order=2 Reclaimable 0x34b8 drained order=3 Unmovable 0x4f48 drained order=3 Movable 0x7a70
kernel free 0x7a68 order=3 drained order=3 Movable 0x7a68
kernel free 0x4f40 order=3 drained order=3 Unmovable 0x4f40
kernel free 0x34b4 order=2 drained order=2 Reclaimable 0x34b4
kernel free 0x7a5c order=2 drained order=2 Movable 0x7a5c
kernel free 0x32a4 order=2 drained order=2 Unmovable 0x32a4
kernel free 0x3466 order=1 drained order=1 Reclaimable 0x3466
kernel free 0x7a4e order=1 drained order=1 Movable 0x7a4e
kernel free 0x4f08 order=1 drained order=1 Unmovable 0x4f08
kernel free 0x347c order=0
kernel free 0x7a4b order=0
kernel alloc 0x4fb1 order=0 gfp=GFP_HIGHUSER|__GFP_ACCOUNT taken 0x4fb1 0x4f08..0x4f09 0x2c60..0x2c61 0x2bbe..0x2bbf 0x2b02..0x2b03 0x4f56..0x4f57 0x4f02..0x4f03 0x32a4..0x32a5
