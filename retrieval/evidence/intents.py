"""What kind of sentence a question asks for (a reason, a purpose, a basis …), and how such sentences are printed in budget papers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Intent:
    """One kind. `question` recognises the question; `label` the field or heading, `sentence` the sentence that answers it; `words` stand in them."""

    name: str
    words: str
    question: re.Pattern[str]
    label: re.Pattern[str]
    sentence: re.Pattern[str]

    def fits(self, path: Sequence[str], field: str, text: str) -> float:
        """How far a passage is of this kind: 0 not at all … 1 by its field or heading and its sentences."""
        named = field or (path[-1] if path else "")
        return 0.5 * bool(self.label.search(named)) + 0.5 * bool(self.sentence.search(text))


def _intent(name: str, words: str, question: str, label: str, sentence: str) -> Intent:
    return Intent(name, words, re.compile(question), re.compile(label), re.compile(sentence))


INTENTS = (
    _intent(
        "reason",
        "主要原因",
        r"(?:为什么|为啥|为何)(?!要|开展|设立|建|采购|购买|安排)|怎么(?:就|又)?(?:降|少|减|多了|涨|增)|原因|缘故|怎么回事|咋回事|怎么会|何以|由于什么|造成",
        r"原因",
        r"原因|主要是因为|是因为|因[^，。；]{2,30}[，,]|主要是[：:]?(?:减少|增加|新增|压缩|压减|取消|调整|落实|为)|由于|由此",
    ),
    _intent(
        "use",
        "主要用于 用途",
        r"用于|用途|用来|用在|花在|花到|拿来|干什么用|做什么用|买什么|用作|哪些方面|建设内容|开销|用到",
        r"用途",
        r"主要用于|用于|主要包括|具体包括|主要是",
    ),
    _intent(
        "basis",
        "依据 根据",
        r"依据|根据什么|凭什么|凭哪|按照什么|哪个文件|什么文件|什么规定|哪次会议",
        r"依据|背景",
        r"根据|依据|按照|参照|印发|《[^》]+》|审议通过",
    ),
    _intent(
        "need",
        "依据 背景 必要",
        r"(?:为什么|为啥|为何)(?:要|开展|设立|建|采购|购买|安排)|必要性|有什么必要",
        r"依据|必要性|背景",
        r"需要|需|为(?:了|进一步|更好|落实|推进|保证|保障)|根据|按照",
    ),
    _intent(
        "duty",
        "主要职能 主要职责 负责",
        r"职能|职责|负责什么|干什么的|干啥的|管什么|管些什么|管哪些|做什么的|什么单位",
        r"职能|职责|概况",
        r"负责|主要职能|职责|统筹|承办",
    ),
    _intent(
        "definition",
        "名词解释 反映",
        r"什么意思|含义|定义|名词解释|怎么解释|如何解释|的解释|是指什么|指什么|指的是|什么叫|何谓|什么是",
        r"名词|术语|解释",
        r"[：:]\s*(?:是)?(?:指|反映|反应|集中反映)|[：:][^，。]{0,12}(?:安排|为保障)|是指|指预算",
    ),
    _intent(
        "year goal",
        "年度目标 工作目标",
        r"年度(?:总体|绩效)?目标|(?<!长期)(?<!中期)目标(?!.{0,3}完成|.{0,3}实现)|(?:打算|准备|计划|想)(?:干|做|办|达到)|要做到|想做成|图个?什么|达到什么",
        r"年度.{0,4}目标|工作目标|目标设定",
        r"目标|完成|保障|确保|推进",
    ),
    _intent("long goal", "长期目标", r"长期目标|中期目标|长远", r"长期.{0,4}目标|中期.{0,4}目标|总（中期）目标", r"目标|完成|保障|确保|推进"),
    _intent(
        "organisation",
        "机构编制 内设 在编",
        r"处室|内设|机构设置|机构编制|编制|在编|实有人数|下属单位|基层单位|多少人|人手|员工|正式工|分几个部门|劳务派遣人员",
        r"机构|编制|设置",
        r"内设|编制|实有|下属|基层单位",
    ),
    _intent(
        "method",
        "测算",
        r"测算|怎么算|如何算|咋估|怎么估|怎么定|算出来|按什么定|计算公式|怎么计算|费用.{0,4}(?:分为|分成)",
        r"测算|解释|计算",
        r"测算|计算|=|\d\s*元|万元",
    ),
    _intent("progress", "资金支出进度 累计支付", r"支付进度|支出进度|资金进度|每个?季度|各季度|怎么付", r"进度", r"累计支付|季度"),
    _intent(
        "result",
        "完成情况 绩效",
        r"完成情况|成效|成果|效果|取得|做得怎么样|好处|效益|惠及",
        r"完成情况|绩效|效益|结果|评价",
        r"完成情况|完成|实现|提升|落实",
    ),
    _intent("problem", "主要问题", r"问题|不足|未完成|没完成", r"问题|原因", r"问题|未完成"),
    _intent("measure", "改进措施 下一步", r"改进|整改|下一步|措施", r"改进|措施|建议", r"改进措施|下一步|加强|完善"),
    _intent("scope", "单位范围 开支单位 仅包括", r"范围", r"范围", r"范围|单位(?:仅)?(?:包括|为)|仅(?:包括|限)"),
    _intent("absence", "本单位无 没有", r"没有|有无|是否有|有没有", r"(?!)", r"(?:单位|部门|年度?|表|均|[，。：]|^)(?:均)?(?:无|没有|未)"),
    _intent(
        "list",
        "包括 分别",
        r"哪些|哪几|哪三|有什么|分为|包括什么|包含什么|几类|几部分|几个|构成|组成",
        r"(?!)",
        r"包括|分别(?:是|为)|分为|[内下]?设有?|具体为|等\s*[\d一二三四五六七八九十]+\s*[个项类家处]|(?:、[^，。；、]{2,20}){3,}",
    ),
)


def intents_of(question: str) -> tuple[Intent, ...]:
    """The kinds of sentence a question asks for, mostly one; none for a plain question."""
    asked = tuple(intent for intent in INTENTS if intent.question.search(question))
    # “主要用于哪些方面” asks for purposes; 哪些 alone asks for a list.
    return asked if len(asked) == 1 else tuple(intent for intent in asked if intent.name != "list")
