title "DMA runs dry, and nobody is killed" zh "DMA 区干了，谁也不杀"
ram 32M

p = exec uid=1000
m = mmap p 4M
write m 0..1M
say "A driver takes all of DMA, the 16 MiB that an old device can reach." zh "驱动把老设备够得着的 16 MiB DMA 区拿光。"
for i in 0..2
  d[i] = alloc order=10 unmovable zone=DMA
end
e = alloc order=9 unmovable zone=DMA
f = alloc order=7 unmovable zone=DMA
say "One more, while Normal memory is free. Is p killed for it?" zh "再要一块。普通内存还空着，会为它杀 p 吗？"
for i in 0..6
  g[i] = alloc order=3 unmovable zone=DMA
end
say "No: p's pages lie higher up. The request fails, whatever is free there." zh "不会：p 的页在更高的地方。上面空多少都没用，请求失败。"
