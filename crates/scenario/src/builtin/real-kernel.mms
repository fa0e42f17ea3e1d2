# What a real 6.1 kernel did with a scripted sequence of large requests, from its own free lists.
# Origin: shared/truth/amd64_256M_smp1/win_kbuddy4 (Debian 6.1.192, one CPU, 256 MiB): lists and pageblock types from
# before_lists.txt, ops from script_cmds.txt, `real=` from the mm_page_alloc events of the module's task in trace.tsv.gz.
title "A real kernel's own free lists" zh "真实内核自己的空闲链表"
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
pcp_list DMA32 cpu=0 order=0 Unmovable: 0x4fbe 0x4fbf 0x2d12 0x2d13
pcp_list DMA32 cpu=0 order=0 Movable: 0x8ebb 0x8ebc 0x8ebd
pcp_list DMA32 cpu=0 order=1 Unmovable: 0x2bbe 0x2d14 0x4f58 0x4ef6 0x4f10
free_list DMA32 1 Unmovable: 0x2b02
free_list DMA32 1 Movable: 0x8ebe
free_list DMA32 1 Reclaimable: 0x34fe 0x34fa
free_list DMA32 2 Unmovable: 0x4ef8 0x4f1c 0x32a4
free_list DMA32 3 Reclaimable: 0x34d8
free_list DMA32 4 Unmovable: 0x4fa0 0x4f40
free_list DMA32 5 Unmovable: 0x4f80 0x4f60
free_list DMA32 6 Unmovable: 0x4fc0
free_list DMA32 6 Movable: 0x8d80
free_list DMA32 7 Movable: 0xab80
free_list DMA32 8 Reclaimable: 0x3500
free_list DMA32 9 Reclaimable: 0x3600
free_list DMA32 10 Unmovable: 0xb000 0xbc00 0xc800 0xb800 0xb400 0xc000 0xc400 0xac00 0xcc00 0xd400 0xd000
free_list DMA32 10 Movable: 0xd800 0xdc00 0xe000 0xe400 0xe800 0xec00 0xf000

# Round 1 of 4. The kernel never got the very first request: the script lost its first letter.
say "Orders 4 to 10, beside the real kernel's." zh "从 4 阶到 10 阶，每阶四块。每个结果旁边，是真实内核给出的页框。"
s17 = alloc order=4 unmovable real=0x4fa0
s18 = alloc order=4 unmovable real=0x4f40
s19 = alloc order=4 unmovable real=0x4f80
free s19
free s18
free s17
s20 = alloc order=5 unmovable real=0x4f60
s21 = alloc order=5 unmovable real=0x4f80
s22 = alloc order=5 unmovable real=0x4fc0
s23 = alloc order=5 unmovable real=0x4fe0
free s23
free s22
free s21
free s20
s24 = alloc order=6 unmovable real=0x4fc0
s25 = alloc order=6 unmovable real=0xb000
s26 = alloc order=6 unmovable real=0xb040
s27 = alloc order=6 unmovable real=0xb080
free s27
free s26
free s25
free s24
s28 = alloc order=7 unmovable real=0xb000
s29 = alloc order=7 unmovable real=0xb080
s30 = alloc order=7 unmovable real=0xb100
s31 = alloc order=7 unmovable real=0xb180
free s31
free s30
free s29
free s28
s32 = alloc order=8 unmovable real=0xb000
s33 = alloc order=8 unmovable real=0xb100
s34 = alloc order=8 unmovable real=0xb200
s35 = alloc order=8 unmovable real=0xb300
free s35
free s34
free s33
free s32
say "A pageblock goes through the CPU's own list: empty, it is filled with two. Each one that comes back is one too many, and leaves again." zh "一个 pageblock 要经过 CPU 自己的链表（pcp）：空了就补两块；还回来的每一块都超出上限，又立刻退回去。"
s36 = alloc order=9 unmovable real=0xb000
s37 = alloc order=9 unmovable real=0xb200
s38 = alloc order=9 unmovable real=0xbc00
s39 = alloc order=9 unmovable real=0xbe00
free s39
free s38
free s37
free s36
s40 = alloc order=10 unmovable real=0xb000
s41 = alloc order=10 unmovable real=0xbc00
s42 = alloc order=10 unmovable real=0xc800
s43 = alloc order=10 unmovable real=0xb800
free s43
free s42
free s41
free s40

# Round 2 of 4.
say "The blocks came back in another order, so the lists have another order now." zh "块归还的次序不同，链表的次序也就不同了。"
s16 = alloc order=4 unmovable real=0x4f40
s17 = alloc order=4 unmovable real=0x4fa0
s18 = alloc order=4 unmovable real=0x4f60
s19 = alloc order=4 unmovable real=0x4f70
free s19
free s17
free s16
free s18
s20 = alloc order=5 unmovable real=0x4f60
s21 = alloc order=5 unmovable real=0x4f80
s22 = alloc order=5 unmovable real=0x4fc0
s23 = alloc order=5 unmovable real=0x4fe0
free s23
free s21
free s20
free s22
s24 = alloc order=6 unmovable real=0x4fc0
s25 = alloc order=6 unmovable real=0xb000
s26 = alloc order=6 unmovable real=0xb040
s27 = alloc order=6 unmovable real=0xb080
free s27
free s25
free s24
free s26
s28 = alloc order=7 unmovable real=0xb000
s29 = alloc order=7 unmovable real=0xb080
s30 = alloc order=7 unmovable real=0xb100
s31 = alloc order=7 unmovable real=0xb180
free s31
free s29
free s28
free s30
s32 = alloc order=8 unmovable real=0xb000
s33 = alloc order=8 unmovable real=0xb100
s34 = alloc order=8 unmovable real=0xb200
s35 = alloc order=8 unmovable real=0xb300
free s35
free s33
free s32
free s34
s36 = alloc order=9 unmovable real=0xb000
s37 = alloc order=9 unmovable real=0xb200
s38 = alloc order=9 unmovable real=0xbc00
s39 = alloc order=9 unmovable real=0xbe00
free s39
free s37
free s36
free s38
s40 = alloc order=10 unmovable real=0xbc00
s41 = alloc order=10 unmovable real=0xb000
s42 = alloc order=10 unmovable real=0xc800
s43 = alloc order=10 unmovable real=0xb800
free s43
free s41
free s40
free s42

# Round 3 of 4.
s16 = alloc order=4 unmovable real=0x4f40
s17 = alloc order=4 unmovable real=0x4fa0
s18 = alloc order=4 unmovable real=0x4f60
s19 = alloc order=4 unmovable real=0x4f70
free s19
free s18
free s17
free s16
s20 = alloc order=5 unmovable real=0x4f60
s21 = alloc order=5 unmovable real=0x4f80
s22 = alloc order=5 unmovable real=0x4fc0
s23 = alloc order=5 unmovable real=0x4fe0
free s23
free s22
free s21
free s20
s24 = alloc order=6 unmovable real=0x4fc0
s25 = alloc order=6 unmovable real=0xc800
s26 = alloc order=6 unmovable real=0xc840
s27 = alloc order=6 unmovable real=0xc880
free s27
free s26
free s25
free s24
s28 = alloc order=7 unmovable real=0xc800
s29 = alloc order=7 unmovable real=0xc880
s30 = alloc order=7 unmovable real=0xc900
s31 = alloc order=7 unmovable real=0xc980
free s31
free s30
free s29
free s28
s32 = alloc order=8 unmovable real=0xc800
s33 = alloc order=8 unmovable real=0xc900
s34 = alloc order=8 unmovable real=0xca00
s35 = alloc order=8 unmovable real=0xcb00
free s35
free s34
free s33
free s32
s36 = alloc order=9 unmovable real=0xc800
s37 = alloc order=9 unmovable real=0xca00
s38 = alloc order=9 unmovable real=0xbc00
s39 = alloc order=9 unmovable real=0xbe00
free s39
free s38
free s37
free s36
s40 = alloc order=10 unmovable real=0xc800
s41 = alloc order=10 unmovable real=0xbc00
s42 = alloc order=10 unmovable real=0xb000
s43 = alloc order=10 unmovable real=0xb800
free s43
free s42
free s41
free s40

# Round 4 of 4.
s16 = alloc order=4 unmovable real=0x4fa0
s17 = alloc order=4 unmovable real=0x4f40
s18 = alloc order=4 unmovable real=0x4f60
s19 = alloc order=4 unmovable real=0x4f70
free s19
free s17
free s16
free s18
s20 = alloc order=5 unmovable real=0x4f60
s21 = alloc order=5 unmovable real=0x4f80
s22 = alloc order=5 unmovable real=0x4fc0
s23 = alloc order=5 unmovable real=0x4fe0
free s23
free s21
free s20
free s22
s24 = alloc order=6 unmovable real=0x4fc0
s25 = alloc order=6 unmovable real=0xc800
s26 = alloc order=6 unmovable real=0xc840
s27 = alloc order=6 unmovable real=0xc880
free s27
free s25
free s24
free s26
s28 = alloc order=7 unmovable real=0xc800
s29 = alloc order=7 unmovable real=0xc880
s30 = alloc order=7 unmovable real=0xc900
s31 = alloc order=7 unmovable real=0xc980
free s31
free s29
free s28
free s30
s32 = alloc order=8 unmovable real=0xc800
s33 = alloc order=8 unmovable real=0xc900
s34 = alloc order=8 unmovable real=0xca00
s35 = alloc order=8 unmovable real=0xcb00
free s35
free s33
free s32
free s34
s36 = alloc order=9 unmovable real=0xc800
s37 = alloc order=9 unmovable real=0xca00
s38 = alloc order=9 unmovable real=0xbc00
s39 = alloc order=9 unmovable real=0xbe00
free s39
free s37
free s36
free s38
s40 = alloc order=10 unmovable real=0xbc00
s41 = alloc order=10 unmovable real=0xc800
s42 = alloc order=10 unmovable real=0xb000
s43 = alloc order=10 unmovable real=0xb800
free s43
free s41
free s40
free s42
