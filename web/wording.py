"""The page's words, in one place: what readers see beside the papers' own text."""

from __future__ import annotations

TITLE = "预算文档智能问答"
SUBTITLE = "部门预算 · 部门决算 · 项目绩效目标，每个数字都能点开原文"
PLACEHOLDER = "请输入问题，回车发送"
WELCOME = "### 想了解哪个部门的预算？\n直接提问，或从下面的示例开始。回答中的编号可以点开原文核对。"
THINKING = "正在查阅文档…"
FAILED = "⚠ 服务器内部出错，请稍后再试；如反复出现，请联系管理员。"
THANKS = "感谢反馈，已记录。"
REASONS = ("数字有误", "出处不对", "没有回答问题")
ROUTES = {"sql": "表格数据查询", "retrieval": "全文检索", "hybrid": "表格数据查询与全文检索", "none": "未查询"}
