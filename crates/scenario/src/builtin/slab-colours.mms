# The same requests as in `same-cache-lines`.
title "Colours: each slab begins at other cache lines" zh "着色：每个 slab 从不同的缓存行开始"
rules 6.1
slab slab
slab_colour on
ram 4M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 0 Unmovable: 0x40 0x42 0x44 0x46 0x48 0x4a 0x4c 0x4e 0x50 0x52

say "An object has 2240 bytes. A page holds one; 1856 bytes are left over: room for 29 colours of 64 bytes." zh "一个对象 2240 字节。一页只装得下一个，剩下 1856 字节，够分 29 种颜色，每种 64 字节。"
file = kmem_cache_create size=2240
say "Ten objects, so ten slabs. Each begins one cache line later in its page than the one before." zh "十个对象，就是十个 slab。在各自的页里，每个都比前一个晚一个缓存行开始。"
for i in 0..9
  f[i] = kmem_cache_alloc file
end
say "The first word of each lies in a set of its own now: the waste at the end of the page moved to its beginning." zh "现在每个对象的第一个字各在一组：页尾的浪费，一部分挪到了页头。"
for i in 0..9
  touch f[i]
end
say "Nothing pushed anything out. The second round:" zh "谁也没有把谁挤走。再读一轮："
for i in 0..9
  touch f[i]
end
say "All hits: 10 misses in 20 reads instead of 20, and it took no memory." zh "全部命中：20 次里只有 10 次未命中，而不是 20 次，一点内存也没有多用。"
