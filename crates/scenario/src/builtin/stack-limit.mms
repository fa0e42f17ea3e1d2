title "The stack grows by faults, until it may not" zh "栈靠缺页长大，直到不许再长"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76
free_list Normal 2 Unmovable: 0x80
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 2 Movable: 0x280
free_list Normal 5 Movable: 0x2c0

say "A process whose stack may have 256 KiB (ulimit -s 256). It starts with 132 KiB of addresses." zh "这个进程的栈最多 256 KiB（ulimit -s 256），开始时有 132 KiB 地址。"
p = exec stack=256K
say "A function is called, the stack pointer moves down. The area is large enough: a page comes, VSZ stays." zh "调用函数，栈指针下移。区域够大：来一页，VSZ 不变。"
write p stack 4K..8K
say "A large array ends below the area. No area there: is that the end of the process?" zh "一个大数组伸到区域下面。那里没有区域：进程要完了吗？"
write p stack 140K..144K
say "No: the area may grow down (VM_GROWSDOWN), and did so, to 144 KiB. Between there are still no pages." zh "不会：这个区域可以向下扩展（VM_GROWSDOWN），扩到 144 KiB。中间仍没有页。"
write p stack 144K..148K
say "Recursion takes page after page, down to the limit." zh "递归一页页往下用，直到上限。"
write p stack 148K..256K
say "The area has its 256 KiB, and the next page is one too many: SIGSEGV. All that the process had comes back." zh "256 KiB 用完了，再多一页就不行：SIGSEGV。进程的页全部归还。"
write p stack 256K..260K
say "RLIMIT_AS limits all addresses of a process. mmap can say ENOMEM, so the program may look for a way out ..." zh "RLIMIT_AS 限制进程的全部地址。mmap 能返回 ENOMEM，程序还可以想办法……"
q = exec as=140K
m = mmap q 64K
say "... but nobody asks for a page of the stack, so nobody can be told no: SIGSEGV." zh "……栈页却没人开口要过，也就没法拒绝，只有 SIGSEGV。"
write q stack 140K..144K
