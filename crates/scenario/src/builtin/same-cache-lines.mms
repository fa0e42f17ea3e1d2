# The same requests as in `slab-colours`.
title "Without colours every slab begins at the same cache lines" zh "不着色：每个 slab 都从同样的缓存行开始"
rules 6.1
slab slab
slab_colour off
ram 4M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 0 Unmovable: 0x40 0x42 0x44 0x46 0x48 0x4a 0x4c 0x4e 0x50 0x52

say "An object has 2240 bytes. A page holds one; the other 1856 bytes are lost." zh "一个对象 2240 字节。一页只装得下一个，另外 1856 字节用不上。"
file = kmem_cache_create size=2240
say "Ten objects, so ten slabs. Each object begins where its page does." zh "十个对象，就是十个 slab。每个对象都从所在页的开头排起。"
for i in 0..9
  f[i] = kmem_cache_alloc file
end
say "The CPU's level-1 cache: 64 sets, eight lines each. A page begins at set 0, always. All first words meet there." zh "CPU 的一级缓存有 64 组，每组八行。每一页都从第 0 组开始，所有对象的第一个字都挤在那里。"
for i in 0..9
  touch f[i]
end
say "Ten lines for eight places. A second round: does it find anything?" zh "十行争八个位置。再读一轮，能命中吗？"
for i in 0..9
  touch f[i]
end
say "Nothing: 20 reads, 20 misses, and 63 sets of the cache are empty." zh "一次也没有：读 20 次，20 次未命中，而缓存的另外 63 组还空着。"
