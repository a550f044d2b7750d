"""Verb forms by their endings, in words that no list knows: the past, the imagined, what others do, what is asked.

Endings are shared by nouns, so a form is only one of several hints; see `odds`.
"""

import re
from functools import cache

_PAST = {
    "cyrillic": r"(?:[а-яё]{2,}[аеёиоуыяію](?:л[аои]?|лся|л[аои]сь)|[а-яіїє]{2,}[аиуяію](?:вся|всь)|[а-яіїє]{3,}[ауяю]в"
    r"|[а-яіїє]{2,}(?<![тхсв])ив|[а-яё]*(?:шел|шёл|шла|шли|нёс|несли|везли|вели|могли|смог))",
    "latin": r"(?:\w{3,}(?:é|ó)|\w{2,}(?:[aei]ron|aste|iste)|\w{2,}(?:ei|ou|aram|eram|iram|arono|erono|irono)"
    r"|\w{2,}(?:aba|abas|aban|avano|evano|avam|ava)|\w{3,}(?<!r)ò|\w{3,}(?:ierte|ierten)|\w{3,}ed)",
}
_NOUNS = r"""
канал журнал материал сигнал металл портал филиал идеал скала шкала школа пила сила игла кола мыло одеяло зеркало сало
тело дело село чучело детали детали медали педали модели недели отели кабели автомобили стили цели мебели роли соли
рояли пароли состав рукав устав сплав архив актив мотив массив жиров журавли вуаля акула скула неделя неделю неделі
земли капли туфли сабли оригинал терминал арсенал карнавал интервал персонал потенциал бокал вокал квартал универсал
стол пол гол угол футбол протокол мел отдел предел раздел апрель капитал вела туалет куличи куклы тканина справ страв
кресло крісло масло стекло скло крыло крило число правило покрывало весло седло сідло светило світло житло джерело
сверло свердло горло ремесло стул стіл пенал сериал серіал подвал самосвал вузол узел чехол чохол
café bebé chalé puré josé chalé paté comité bufé bidé fondé rosé avó vovó forró cipó
lei rei sei hei frei volei drei zwei frei partei polizei datei bäckerei hai kai sou vou dou estou ou bijou you thou
però perciò cioè ciò metrò falò lava fava brava leva nava java cava uva
need seed feed speed indeed red bed weed hundred limited unlimited sealed boxed signed used unused framed printed
handmade advanced assorted mixed dried smoked heated furnished included excluded guaranteed detailed personalized
personalised customized fixed red unopened related need fed shed sacred embed aged tested renewed refurbished verified
paired canned iced knitted embroidered illustrated animated colored coloured edited unedited dedicated pinned featured
shared closed worned untouched preloved preowned organised curated homemade united reed breed exceed succeed proceed
elemente medikamente fundamente testamente pergamente zemente temperamente
family butterfly dragonfly assembly supply anomaly monopoly multiply
"""
_WOULD = r"(?:\w{2,}(?:rebbe|rebbero)|\w{2,}(?:[ai]ría|[ai]rían|dría|drían)|\w{3,}(?:aría|iría)s?)"
_OTHERS_DO = (
    r"(?:[а-яё]{3,}(?:ает|яет|ует|ёт|еет|ают|яют|уют|еют)(?:ся)?|[а-яё]{2,}(?:ится|ятся|атся)"
    r"|[а-яіїє]{2,}(?:ає|ює|яє|іє|ають|юють|яють|уть|ить|иться|яться|ється))"
)
_SPEAKS = (
    r"(?:[а-яёіїє]{3,}(?:йте|[аяуеє][еє]те|[еи]шь|[аяу]єш|[аяу]ю|юсь|усь|тися|ться)"
    r"|\w{3,}[aei]r(?:l[aio]|l[ao]s|nos)|\w{3,}(?:a|e|l|r)mente|\w{4,}ly)"
)
"""What is said to or of somebody, and adverbs: `заберёте`, `vederlo`, `perfectly`."""


@cache
def _forms() -> tuple[dict[str, re.Pattern[str]], frozenset[str]]:
    endings = {"would": _WOULD, "past": "|".join(_PAST.values()), "third": _OTHERS_DO, "speaks": _SPEAKS}
    return {f"form.{name}": re.compile(ending) for name, ending in endings.items()}, frozenset(_NOUNS.split())


def form(word: str) -> str | None:
    """`form.past`, `form.would`, `form.third` or `form.speaks` if a word, in lower case with accents, ends like it."""
    forms, nouns = _forms()
    if word in nouns:
        return None
    return next((name for name, ending in forms.items() if ending.fullmatch(word)), None)
