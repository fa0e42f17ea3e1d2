title "Flat segments: Linux switches segmentation off" zh "平坦段：Linux 等于关掉分段"
rules 6.1
ram 1M
zone Normal
pcp off
watermarks off

say "Linux on i386: four segments, all from 0 to 4 GiB. The segment registers of a program: 0x73 and 0x7b." zh "i386 的 Linux：四个段都是 0～4 GiB。程序的段寄存器是 0x73 和 0x7b。"
linux i386
say "Two pages of the program, one of the kernel." zh "程序两页，内核一页。"
page 0x8048000 0x345000 r user
page 0xbffff000 0x7a2000 user
page 0xc0100000 0x100000
say "Base 0 plus offset: what does the segment change?" zh "基址 0 加偏移：段改变了什么？"
exec cs:0x8048123
say "The stack: another segment register, the same addresses." zh "栈：换了个段寄存器，地址还是那些。"
write ss:0xbffffffc size=4
say "An address of the kernel. The limit is 4 GiB: who stops the program?" zh "内核的地址。限长是 4 GiB：谁来拦住程序？"
read ds:0xc0100000
say "And its own code: the data segment can be written to, the page cannot." zh "写自己的代码：数据段可写，页不可写。"
write ds:0x8048123
say "No page: segments know nothing of that, paging does." zh "没有页：段不知道，分页知道。"
read ds:0x1000
say "What rings are still for: a program cannot load the kernel's segment." zh "特权级还有用处：程序装不了内核的段。"
load ds 0x68
say "x86-64 drops the rest: base and limit are not even looked at." zh "x86-64 连剩下的也不要了：基址和限长看都不看。"
linux x86_64
read ds:0x7ffff7d8a000 size=8
say "But for FS and GS: a thread's own memory begins where FS points, and so does a CPU's at GS." zh "只有 FS、GS 例外：线程自己的内存从 FS 开始，内核里 CPU 的从 GS 开始。"
fs_base 0x7ffff7d8a740
read fs:0x28 size=8
say "An address that is none: bits 63 to 48 have to repeat bit 47." zh "不成地址的地址：63～48 位必须和 47 位一样。"
read ds:0x800000000000
