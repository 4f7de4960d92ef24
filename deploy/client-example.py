"""接口示例：python deploy/client-example.py http://127.0.0.1:7860 "2021年扶贫办三公经费多少"（需要 httpx；密钥放在环境变量 BUDGET_QA_KEY）"""

import json
import os
import sys
import time

import httpx

server, question = sys.argv[1:3]
headers = {"accept": "text/event-stream"} | ({"authorization": f"Bearer {key}"} if (key := os.environ.get("BUDGET_QA_KEY")) else {})
while True:
    with httpx.stream("POST", f"{server}/api/ask", json={"question": question}, headers=headers, timeout=60) as reply:
        if reply.status_code == 429:  # 提问过于频繁：等服务器说的秒数再问
            time.sleep(int(reply.headers.get("retry-after", "10")))
            continue
        if reply.is_error:
            sys.exit(json.loads(reply.read())["error"]["message"])
        for line in reply.iter_lines():
            if line.startswith("data: ") and "text" in (data := json.loads(line[6:])):
                print(data["text"], end="", flush=True)
    break
print(*[f"\n[{c['id']}] {c['title']} {c['table'] or c['section']}：{c['quote']}" for c in data["citations"]], sep="")
