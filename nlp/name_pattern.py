"""The grammar of names of parties: where a text gives a name away, and where the name ends.

Compiled once from lexicon/organisation.yml. Each pattern stands under a real line it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from nlp.lexicon import words

HAN = r"[\u4e00-\u9fff]"
NAME = r"[\u4e00-\u9fffA-Za-z0-9*·Ⅰ-Ⅻ]"
LATIN = r"[A-Z][A-Za-z0-9&.]*(?:[ -][A-Z][A-Za-z0-9&.]*){0,4}"
"""Altura Networks, Merlion AI, YX Memory."""
STRONG_TAILS = "股份|智能|科技|电子|数科|信息|通信|控股"
"""Last words of short names that hardly any other word ends in."""
_HOUR = (
    r"(?:今日|昨日|昨晚|昨午|昨夜|今早|今晨|今晚|昨|今|近日|日前|晚间|当日|次日|盘后|盘前"
    r"|\d{1,4}年|\d{1,2}月|\d{1,2}日"
    r"|\(\d{1,2}\)日|晚|早间|午间|午后|凌晨|傍晚|深夜|周[一二三四五六日]"
    r"|\(\d{6}[.A-Z]*\)|则|又|也| ){0,8}"
)
WHEN = rf"{_HOUR}(?:[在于][^,。;]{{2,16}}?{_HOUR})?"
"""What stands between a company and 公告: a day, an hour, its code; 于… once, or a row of them has no end."""
TOGETHER = r"(?:与|(?<!合)同|和|跟)(?=[^。;]{2,44}?(?:签|订立|达成|终止|解除|解约|敲定|换文))"
STEMS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
"""Heavenly stems and earthly branches: 客户癸, 供应商壬."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The compiled grammar; those for names capture `name`, but for `full` and `masked`."""

    defined: re.Pattern[str]
    full: re.Pattern[str]
    coded: re.Pattern[str]
    card: re.Pattern[str]
    announcer: re.Pattern[str]
    tail_announcer: re.Pattern[str]
    subject: re.Pattern[str]
    subsidiary: re.Pattern[str]
    counterpart: re.Pattern[str]
    beside: re.Pattern[str]
    actor: re.Pattern[str]
    child_of: re.Pattern[str]
    introduced: re.Pattern[str]
    quoted: re.Pattern[str]
    dealer: re.Pattern[str]
    owed: re.Pattern[str]
    placed: re.Pattern[str]
    """What follows the place that a firm's short name begins with: 杭州[青禾网络]."""
    line_head: re.Pattern[str]
    by_tail: re.Pattern[str]
    any_tail: re.Pattern[str]
    masked: re.Pattern[str]
    left: re.Pattern[str]
    child: re.Pattern[str]
    """What follows the stem of a company's name in its child's: 甲辰[云]."""
    defined_anchor: re.Pattern[str]
    full_anchor: re.Pattern[str]
    coded_anchor: re.Pattern[str]
    """What each match of the costly pattern of that name holds; cheap to look for."""
    generic: frozenset[str]
    self_words: frozenset[str]
    """公司, 本公司: what a filing calls its own company."""
    roles: frozenset[str]
    """甲方, 被申请人: what a filing calls a side of a contract or a case."""
    abstract: tuple[str, ...]
    """Ends of noun phrases that name nobody: 市场环境, 供需情况."""
    common: frozenset[str]
    authority: tuple[str, ...]
    edges: tuple[str, ...]
    tails: tuple[str, ...]


def alternatives(items: Iterable[str]) -> str:
    """A regex alternative of literal words, longest first."""
    return "|".join(re.escape(item) for item in sorted(items, key=len, reverse=True))


@cache
def patterns() -> Patterns:
    """The grammar of names, made when first asked for."""
    lexicon = words("organisation")
    edge = rf"(?={alternatives(lexicon['edge'])}|[^\u4e00-\u9fffA-Za-zⅠ-Ⅻ]|$)"
    suffix, body = alternatives(lexicon["suffix"]), alternatives(lexicon["body"])
    roles = alternatives(lexicon["role"])
    tail = alternatives(lexicon["own_tail"])
    announce = alternatives(lexicon["announce"])
    child = alternatives(lexicon["subsidiary"])
    short = rf"(?:{HAN}|[A-Z][A-Za-z]){NAME}{{1,11}}?"
    towards = (
        r"(?:(?<![合共不相如会协等连])同(?![意时日月年比期样步类行一])|与|和(?!谐)|跟|向(?!好)"
        r"|(?<![针相反面绝])对(?![方此外于应标价])|(?<![自理为])由(?!于)|给(?!予)|被(?!动)|已通知|起诉|状告|致函|收到|朝|(?<![承对嫁转迎直间])接(?:到|获)?(?=[^,。;]{2,14}?(?:通知|来函|函告|函件|书面))"
        r"|对(?:方|手方?)(?:名称)?[为是系:]|(?:招标人|采购人|发包人|业主方?)(?:名称)?[为是系:]"
        r"|(?:把|将)(?=[^,。;]{2,14}?(?:告上|诉至|告到|告了|申诉到)))"
    )
    of_a_sort = (
        rf"(?:(?!的|签|订|《){HAN}){{2,10}}(?:注册|控股|控制|下属|旗下|背景|总部|一家|知名|上市|新创|初创)的"
        r"|(?:(?!的|签|订|为|称|叫|《)[\u4e00-\u9fffA-Z]){2,12}(?=[“\"][^”\"]{2,14}[”\"])"
        rf"|{HAN}{{0,6}}(?:实验室|企业|厂商|公司|客户|大厂|机构|团队|新创|巨头|大学)(?=[A-Z][a-z])"
    )
    return Patterns(
        # 上海砚台网络科技有限公司(以下简称“砚台网络”), (下称英智创新), (“讯美科技”)
        defined=re.compile(
            r"(?P<full>[^\s,。;:、“”\"《》]{2,45}"
            r"|[A-Z][A-Za-z .&]{1,60}(?:\([A-Z]{2}\) )?(?:Limited|Ltd|Inc|LLC|Corp)\.?)"
            r"\((?:\d{6},)?(?:(?:以下|下|全文|下文)?(?:统称|简称|称)(?:为|:)?\s*[“\"‘']?|[“\"‘'])"
            r"(?P<alias>[^”\"’'()]{2,16}?)[”\"’']?(?:[,或][^()]{2,24})?\)"
        ),
        full=re.compile(
            rf"{NAME}(?:{NAME}|\({HAN}{{2,6}}\)){{2,30}}?(?:{suffix})(?:{HAN}{{2,6}}分公司)?"
            rf"|{HAN}{{2,12}}(?:{body})"
            r"|[A-Z][A-Za-z]+(?: ?\([A-Z0-9]+\))?(?: [A-Z][A-Za-z]+)* (?:Limited|Ltd|Inc|Corp|LLC|PLC)\.?"
        ),
        # 锦鸡股份(300798.SZ), 大全能源(SH:688303), 青云科技(证券代码:688316), …-U(689177.SH), 公司(…,689266)
        coded=re.compile(
            rf"(?P<name>\*?(?:ST)?(?:{NAME}|[“”]){{2,20}})(?:-[UW])?\((?:(?:证券|股票|公司)?代码(?:为|是)?:?|SH:|SZ:|BJ:)?"
            r"(?P<code>\d{6})(?:\.(?:SZ|SH|BJ))?[,)]"
            rf"|\((?P<inner>{HAN}{{2,8}}),(?P<inner_code>\d{{6}})\)"
        ),
        card=re.compile(
            rf"(?:证券|股票|公司)代码:\s*(?P<code>\d{{6}})\s*(?:证券|股票|公司)简称:\s*"
            rf"(?P<name>\*?(?:ST)?{NAME}{{2,8}}?)(?=公告|证券|股票|编号|[^\u4e00-\u9fffA-Za-z]|$)"
            rf"|(?:证券|股票|公司)简称:\s*(?P<first>\*?(?:ST)?{NAME}{{2,8}}?)\s*(?:证券|股票|公司)代码:\s*(?P<its_code>\d{{6}})(?!\d)"
        ),
        # 云岫股份10月25日晚公告, CoreWeave周四宣布
        announcer=re.compile(
            rf"(?:^|[\n。;:,、】〕]|日|{HAN}(?=[A-Z])) ?(?P<name>(?:\*?ST)?{HAN}{{2,8}}?|{LATIN})"
            rf"(?:\({HAN}{{2,12}}\))?{WHEN}(?:{announce}|(?:成功|预)?中[标选]|(?!.上市公司){TOGETHER})"
        ),
        # 中国算力概念股云岫股份19日公告
        tail_announcer=re.compile(
            rf"(?<!公)(?P<name>{HAN}{{2}}(?:{tail})){WHEN}(?:发布)?(?:公告|公布|公佈|披露|证实|宣布|重大讯息|重讯|{TOGETHER})"
        ),
        # 英智创新与深湾科技签了…, 乾五科技不服裁决,已申请撤销
        subject=re.compile(
            rf"(?:^|[,。;:\n日月])(?P<name>{HAN}{{3,8}}?)(?:(?=(?:已|又|再|近日|拟)?{TOGETHER})"
            r"|(?=(?:不服|去年|今年|上月|以[^,。]{2,16}为由|以|因|向|已|将|把)[^。]{0,30}?"
            r"(?:起诉|诉至|告上|仲裁|上诉|申请撤销|撤销|解除|终止)))"
        ),
        subsidiary=re.compile(rf"(?:{child})[“\"]?(?P<name>{NAME}{{2,12}}?)[”\"]?{edge}"),
        # 与缔息云联价值…, but not 同意, 合同, 相对, 由于; 与北美通路商Altura Networks签订
        counterpart=re.compile(
            rf"{towards}(?:{of_a_sort})?(?P<role>(?:{roles})?)[“\"]?(?:(?:(?![签订的]){HAN}){{0,8}}?(?P<latin>{LATIN})(?![A-Za-z0-9])(?:公司)?(?:(?=之)|{edge})"
            rf"|(?P<name>{short})[”\"]?{edge})"
        ),
        # 鸿博股份公告,英博数科收到应诉通知书
        actor=re.compile(
            rf"(?:公告|披露|宣布|透露|称)[,:](?!(?:全资|控股|参股|旗下|子|孙|公|本|该|其)[^,]?)(?P<name>{HAN}{{3,6}}?)"
            r"(?=收到|已?与|同(?!意)|已|拟|(?<!应)于|向|近日|接到|签)"
        ),
        # 柘岭云算是汛屿股份(609118)的控股子公司
        child_of=re.compile(
            rf"(?:^|[,。;:\n“])(?P<name>{HAN}{{3,6}}?)(?=(?:是|系|为)(?:上市公司)?{HAN}{{2,10}}(?:\([^()\n]{{4,16}}\))?"
            rf"(?:持股[\d.%]{{1,6}})?(?:的|旗下)?(?:全资|控股|参股)[子孙]公司)"
        ),
        # 客户重庆鹿门算力以…为由: a role, then a name that begins with a place
        # 他们最大的客户——做视频生成的深圳绘垒智能。, 甲方是武汉帆影科技
        introduced=re.compile(
            rf"(?:{roles})(?:(?:——?|是|:)(?:[^,。;的]{{1,10}}的)?)?(?P<name>{HAN}{{4,10}}?){edge}"
        ),
        # 翎鹿智能租用其64台服务器,…: who rents or owes
        dealer=re.compile(
            rf"(?:^|[,。;:\n]|因|鉴于|由于)(?P<name>(?![首该这那本其此各全剩余])"
            rf"{HAN}{{2}}(?:{tail}))(?=未能|未按|无法|无力|迟迟|连续|破产|失联|租用|承租|租下|应付|应清偿|拖欠|停付|未付|未再|逾期未|退租|被[^,。;]{{2,16}}(?:告上|起诉|诉至|一纸诉状))"
        ),
        # 客户“青禾网络”,《算力服务合同》
        quoted=re.compile(rf"(?:{roles})[“\"](?P<name>{NAME}{{2,14}})[”\"]"),
        # 因业主淮上算谷连续三期未付, 收到采购方乌海绿氢通知
        owed=re.compile(
            rf"(?:{roles})(?P<name>(?:(?!的){HAN}){{3,8}}?)(?=的?(?:书面|正式)?(?:通知|函)|迟迟|长期|持续|一直|多次|就|因|于\\d|连续|未|拖欠|逾期|来函|通知|发来|提出|书面|单方|收了|交不出|停付|以[^,。]{{2,12}}为由)"
        ),
        # 因杭州青禾网络欠费
        placed=re.compile(
            rf"(?!{alternatives(lexicon['common'])}|客户|公司|企业|政府|地区|某|一家|[本当外]地|全[省市区国]|首[个座批]|[各多两几]|最大|[新在]建|现有)"
            rf"{HAN}{{2,3}}(?:(?:{tail}|互娱)(?!{suffix}|中心|集群|基地|平台|产业|园区|项目|[城谷港岛局厂院校])|云{edge})"
        ),
        beside=re.compile(rf"、(?:{roles})?(?P<name>{short})(?:(?=[两三四五六]家)|{edge})"),
        # ◎陇上云:…, 8月27日 云岫股份:…
        line_head=re.compile(
            rf"(?:^|\n)(?:【[^】\n]{{2,16}}】)?[^\w\s(《“”\"'【\n]{{0,2}}\s?(?:\d{{1,2}}[、.])?(?:\d{{1,4}}年)?(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?"
            rf"(?:(?P<name>(?:\*?ST)?{HAN}{{2,6}}):|【(?P<bracketed>(?:\*?ST)?{HAN}{{3,6}})】(?!\n))"
        ),
        # a short name by its last word: 甲辰科技, where a clause begins, after a date, in a quotation
        by_tail=re.compile(
            rf"(?:^|[\n,。;:“\"(、】]|[日晚间午月])(?P<name>{HAN}{{2}}(?:{tail}))(?!{suffix}|中心|集群|基地|平台|产业|园区|[城谷港岛])"
        ),
        # the last resort where nothing else names a company: …最快的要数沐野智能。
        any_tail=re.compile(
            rf"(?:(?<=[数是到为的有属,。“])|^|(?<=\n))(?P<name>{HAN}{{2}}(?:{STRONG_TAILS}))(?=[,。;:的这那”]|终于|最近|近日|日前|今年|去年|也|还|又|再|则|对此|拿下|签下|撤回|宣布|收到|接到)"
        ),
        # 客户B, 客户K8, 客户一, 供应商壬, A客户, U公司, EⅫ公司, 上海X国企, 某互联网公司
        masked=re.compile(
            rf"(?:客户|供应商|供货商|买方|卖方|合作方|租户)(?:[A-Z]{{1,2}}\d{{0,2}}|[Ⅰ-Ⅻ]|(?:[{STEMS}](?!(?<=未)[能按有予曾付支履及落经再签收到如]))"
            r"|[一二三四五六七八九十](?![家个份笔名次批期年月台套]))(?![A-Za-z0-9])"
            r"|一[家所名](?:(?![与和同跟向])[\u4e00-\u9fffA-Za-z0-9]){1,10}?(?:(?<!上市)公司|(?<!上市)企业|客户|大厂|平台"
            r"|运营商|代工厂|厂商|供应商|集成商|独角兽|研究院|车企|高校)"
            r"|(?<![A-Za-z])[A-ZⅠ-Ⅻ*×]{1,3}(?:公司|平台|国企|央企|集团|企业|客户|单位|银行)"
            rf"|某(?:省|市|地|家)?{HAN}{{0,7}}?(?:公司|企业|运营商|高校|国企|央企|业者|单位|机构|厂商|大厂|集团|银行"
            r"|客户|大学|政府|车企|药企|车商|平台|承包商|研究院|医院|学校|部门|云厂|云厂商|集成商|代理商|独角兽)"
        ),
        left=re.compile(
            rf"(?:{child}|{roles}|公司(?=.)|收到|起诉|状告|[与和同跟向由对给被把将就是即为因令及])"
        ),
        child=re.compile(rf"{HAN}{{1,4}}?(?={alternatives(lexicon['edge'])}|[^\u4e00-\u9fff]|$)"),
        defined_anchor=re.compile(r"\((?:\d{6},)?(?:(?:以下|下|全文|下文)?(?:统称|简称|称)|[“\"‘'])"),
        full_anchor=re.compile(f"{suffix}|{body}| (?:Limited|Ltd|Inc|Corp|LLC|PLC)"),
        coded_anchor=re.compile(r"\d{6}(?:\.(?:SZ|SH|BJ))?[,)]"),
        generic=frozenset(lexicon["generic"]) | frozenset(lexicon["side"]),
        self_words=frozenset(lexicon["self"]),
        roles=frozenset(lexicon["side"]),
        abstract=tuple(lexicon["abstract"]),
        common=frozenset(lexicon["common"]),
        authority=tuple(lexicon["authority"]),
        edges=tuple(lexicon["edge"]),
        tails=tuple(lexicon["own_tail"]),
    )
