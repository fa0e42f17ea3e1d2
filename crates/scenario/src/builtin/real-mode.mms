title "8086: twenty bits out of sixteen, and the wrap" zh "8086：用 16 位凑出 20 位，还会回绕"
rules 6.1
ram 1M
zone Normal
pcp off
watermarks off

say "The simplest way first: an address is the address. Whoever knows it can use it." zh "先看最简单的：地址就是地址。谁知道都能用。"
cpu direct
read 0x1234
say "One piece of memory for each program: below a bound, above a base. Moving it changes the base alone." zh "每个程序一整块内存：小于界限，再加基址。搬家只改基址。"
relocation base=32K limit=8K
read 0x1234
say "The bound itself is too large already. Does the base come into it?" zh "等于界限就越界了。这跟基址有关系吗？"
write 0x2000
say "The 8086: registers have 16 bits, but 20 lines go out to memory. A second register helps." zh "8086：寄存器只有 16 位，地址线却有 20 根。再用一个寄存器来凑。"
cpu 8086
load ds 0x1234
say "Segment times 16, plus offset: in hex a 0 behind the segment. What is the sum?" zh "段值乘 16 加偏移：十六进制里就是在段值后添一个 0。和是多少？"
read ds:0x5678
say "Another segment, another offset, the same byte: most bytes have 4096 names." zh "换个段、换个偏移，还是同一个字节：多数字节有 4096 个名字。"
load es 0x179b
read es:0x8
say "The boot sector: 07C0:0000 and 0000:7C00 are one place." zh "引导扇区：07C0:0000 和 0000:7C00 是同一处。"
load cs 0x7c0
exec cs:0x0
load cs 0x0
exec cs:0x7c00
say "The largest segment, and 16 bytes on. The sum needs 21 bits: where does it land?" zh "最大的段值，再往后 16 字节。和要 21 位：落到哪里？"
load ds 0xffff
read ds:0x10
say "The 80286 has 24 lines. The same program now reaches above 1 MiB." zh "80286 有 24 根线。同一个程序现在到了 1 MiB 以上。"
cpu 80286
load ds 0xffff
read ds:0x10
say "Some programs counted on the wrap. So PCs got a gate that holds line 20 at 0." zh "有些程序偏要靠回绕。PC 于是加了一道门，把第 20 根线按在 0。"
a20 off
read ds:0x10
say "Nothing was ever checked here: any program may write anywhere. That is what protected mode is for." zh "这里从来没有检查：哪个程序都能写任何地方。保护模式就是为此而来。"
write ds:0x20
