import { chromium } from "@playwright/test";
import { chromiumArgs } from "./playwright.config.mjs";
const b = await chromium.launch({executablePath:"/usr/bin/chromium",args:chromiumArgs});
for (const [w,h,q,name] of [[1366,625,"","lap"],[1920,1080,"?present=1&theme=projector","proj"],[390,664,"?lang=zh","phone"]]) {
  const c = await b.newContext({viewport:{width:w,height:h}, hasTouch:w<500, isMobile:w<500});
  const p = await c.newPage();
  p.on("console",m=>console.log(name,m.type(),m.text()));
  p.on("pageerror",m=>console.log(name,"err",m));
  await p.goto("http://127.0.0.1:9222/"+q);
  await p.waitForFunction(()=>window.__mm);
  await p.waitForTimeout(500);
  console.log(name, await p.evaluate(()=>({ver:Object.keys(__mm),h:__mm.hash(),c:__mm.cursor(),g:__mm.global(),t:__mm.total(),s:__mm.surveyed(),n:__mm.narration(),f:__mm.fragment(),loc:location.href,sw:[document.documentElement.scrollWidth,document.documentElement.scrollHeight,innerWidth,innerHeight]})));
  for(let i=0;i<4;i++) await p.keyboard.press("ArrowRight");
  await p.waitForTimeout(1300);
  console.log(await p.evaluate(()=>[__mm.cursor(),__mm.fragment(),location.href,__mm.narration()]));
  await p.screenshot({path:`/tmp/e2e-probe/${name}.png`});
  if(name=="lap"){ console.log((await p.locator(".sc-stage").innerHTML()).slice(0,3000)); }
}
await b.close();
