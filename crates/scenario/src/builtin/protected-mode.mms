title "Protected mode: limits, rings, and their faults" zh "保护模式：限长、特权级和出错"
rules 6.1
ram 1M
zone Normal
pcp off
watermarks off

say "Protected mode needs a table first: the GDT. Each entry has eight bytes: base, limit, kind, ring." zh "保护模式先要一张表：GDT。每项 8 字节：基址、限长、类型、特权级。"
cpu 80386
gdt 1 code limit=0x3ffff
gdt 2 data base=384K limit=0x3f pages
gdt 3 data base=1M limit=0xffff dpl=3
gdt 4 data base=1280K limit=0x1fff dpl=3 r
gdt 5 data base=1536K limit=0x3ffff dpl=3 absent
gdt 6 code base=1152K limit=0xffff dpl=3
gdt 7 data base=1408K limit=0xefff dpl=3 down bits=16
mode protected
load cs 0x8
load ss 0x10
load fs 0x10
say "A selector is no address: 0x1b is entry 3, table GDT, RPL 3. Divide by 8." zh "选择子不是地址：0x1b 是 GDT 第 3 项，RPL 3。除以 8 就是。"
load ds 0x1b
say "The last byte of the segment: is the limit still inside?" zh "段的最后一个字节：限长那一格还算段内吗？"
read ds:0xffff
say "Four bytes from 0xfffd on. The first three are inside." zh "从 0xfffd 起读四个字节，前三个在段内。"
read ds:0xfffd size=4
say "The kernel does something for a program, with a selector of RPL 3, to a segment of ring 0." zh "内核替程序办事：选择子的 RPL 是 3，段却属于 0 环。"
load es 0x13
say "Over to the program: iret leads to ring 3, and takes along what an outer ring must not have." zh "轮到程序：iret 去 3 环，外环不该有的顺手收走。"
iret cs=0x33 ss=0x1b
say "Ring 3 asks for the kernel's data." zh "3 环想要内核的数据。"
load ds 0x10
say "Read-only data: loading it is fine, writing to it is not." zh "只读数据：装入没问题，写就不行。"
load ds 0x23
write ds:0x10
say "P is clear: the segment was swapped out as a whole. The fault says so when it is loaded." zh "P 为 0：整个段换出去了。装入时就出错。"
load ds 0x2b
say "A segment that grows down: offsets above the limit are inside." zh "向下扩展的段：限长之上的偏移才在段内。"
load ds 0x3b
read ds:0x1000
read ds:0xfffe size=2
say "Beyond the table; and null, which may be loaded but not used." zh "超出表的；还有空选择子：能装，不能用。"
load ds 0x4b
load ds 0x0
read ds:0x0
say "Between segments of all lengths lie holes: together they would do for a longer one, alone none does." zh "长短不一的段之间净是空洞：加起来放得下更长的段，单个都放不下。"
load ds 0x1b
read ds:0x8000
