title "A device tree: whose memory is it?" zh "设备树：内存是谁的？"
rules 6.1
ram 48M
thp never
dts reserved-memory {
dts     #address-cells = <1>;
dts     #size-cells = <1>;
dts     dsp_mem: dsp-mem {
dts         compatible = "shared-dma-pool";
dts         no-map;
dts         size = <0x40000>;
dts     };
dts     coherent: coherent-mem {
dts         compatible = "shared-dma-pool";
dts         no-map;
dts         linux,dma-default;
dts         reg = <0x2e00000 0x100000>;
dts     };
dts     video: video-mem {
dts         compatible = "shared-dma-pool";
dts         reusable;
dts         size = <0x1000000>;
dts         alignment = <0x400000>;
dts         linux,cma-default;
dts     };
dts };
dts dsp@ff000000 { memory-region = <&dsp_mem>; };
dts vpu@ff100000 { memory-region = <&video>; dma-coherent; };

say "The dsp has a pool of its own; nobody else gets any of it." zh "dsp 有自己的池，别人用不上。"
a = dma_alloc_coherent dsp 64K
b = dma_alloc_coherent dsp 256K
say "A device without one that does not look into caches: the global pool." zh "没有池、又不看缓存的设备：用全局池。"
uart = device noncoherent
c = dma_alloc_coherent uart 16K
say "The vpu has an area. Until it asks, movable pages live there." zh "vpu 有一个区域。它要之前，可移动的页住在里面。"
f = file 2M cached
d = dma_alloc_coherent vpu 15M
say "All others get theirs from the default area, and single pages from the buddy system." zh "其他设备用默认区域，单页用伙伴系统。"
nic = device
e = dma_alloc_coherent nic 128K
g = dma_alloc_coherent nic 4K
dma_free_coherent a
dma_free_coherent c
