title "Two processes, one CPU: what a switch costs" zh "两个进程一个 CPU：切换的代价"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
tlb skylake pcid=off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x51 0x9b 0xc4 0xde 0xef 0x10d 0x1a9 0x1ae 0x1e3 0x1e4
free_list Normal 0 Movable: 0x32a 0x36b 0x28a 0x3c1 0x2e3 0x3dd 0x3bc 0x2a7 0x350 0x376 0x326 0x355

p = exec
q = exec
m = mmap p 16K
n = mmap q 16K
say "p works on four pages. Its translations fill the TLB." zh "p 用四页，转换都进了 TLB。"
write m
say "Now q has the CPU. Without address space numbers, all that is remembered is p's, and would be wrong for q: it goes." zh "轮到 q。没有地址空间编号，TLB 里记的都是 p 的，对 q 全是错的：全丢掉。"
write n
say "Back to p: not one of its translations is left, and every page takes a walk again." zh "回到 p：一项转换也不剩，每页都要重新查表。"
read m
say "And back to q: the same. With pcid=on in the tlb line, both would find theirs: try it." zh "再回到 q，也一样。把 tlb 那行改成 pcid=on，两边都还在：试试看。"
read n
