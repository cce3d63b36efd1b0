"""
Names of months, days and halves of the day, as the JVM knows them (CLDR); the first month is January, the first day
Monday.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

__all__ = ["ENGLISH", "Names", "languages", "names_for"]


@dataclass(frozen=True, slots=True)
class Names:
    """The words of one language."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    halves: tuple[str, str] = ("AM", "PM")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH = Names(
    _words("January February March April May June July August September October November December"),
    _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    _words("Mon Tue Wed Thu Fri Sat Sun"),
)
_NAMES = {
    "en": ENGLISH,
    "da": Names(
        _words("januar februar marts april maj juni juli august september oktober november december"),
        _words("jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec."),
        _words("mandag tirsdag onsdag torsdag fredag lørdag søndag"),
        _words("man. tirs. ons. tors. fre. lør. søn."),
    ),
    "de": Names(
        _words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        _words("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
        _words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
        _words("Mo. Di. Mi. Do. Fr. Sa. So."),
    ),
    "es": Names(
        _words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        _words("ene feb mar abr may jun jul ago sept oct nov dic"),
        _words("lunes martes miércoles jueves viernes sábado domingo"),
        _words("lun mar mié jue vie sáb dom"),
        ("a. m.", "p. m."),
    ),
    "fi": Names(
        _words(
            "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta "
            "heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta"
        ),
        _words("tammik. helmik. maalisk. huhtik. toukok. kesäk. heinäk. elok. syysk. lokak. marrask. jouluk."),
        _words("maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina"),
        _words("ma ti ke to pe la su"),
        ("ap.", "ip."),
    ),
    "fr": Names(
        _words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        _words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
        _words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
        _words("lun. mar. mer. jeu. ven. sam. dim."),
    ),
    "it": Names(
        _words("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
        _words("gen feb mar apr mag giu lug ago set ott nov dic"),
        _words("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
        _words("lun mar mer gio ven sab dom"),
    ),
    "nb": Names(
        _words("januar februar mars april mai juni juli august september oktober november desember"),
        _words("jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des."),
        _words("mandag tirsdag onsdag torsdag fredag lørdag søndag"),
        _words("man. tir. ons. tor. fre. lør. søn."),
        ("a.m.", "p.m."),
    ),
    "nl": Names(
        _words("januari februari maart april mei juni juli augustus september oktober november december"),
        _words("jan feb mrt apr mei jun jul aug sep okt nov dec"),
        _words("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
        _words("ma di wo do vr za zo"),
        ("a.m.", "p.m."),
    ),
    "pl": Names(
        _words("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"),
        _words("sty lut mar kwi maj cze lip sie wrz paź lis gru"),
        _words("poniedziałek wtorek środa czwartek piątek sobota niedziela"),
        _words("pon. wt. śr. czw. pt. sob. niedz."),
    ),
    "pt": Names(
        _words("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
        _words("jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez."),
        _words("segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"),
        _words("seg. ter. qua. qui. sex. sáb. dom."),
    ),
    "sv": Names(
        _words("januari februari mars april maj juni juli augusti september oktober november december"),
        _words("jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec."),
        _words("måndag tisdag onsdag torsdag fredag lördag söndag"),
        _words("mån tis ons tors fre lör sön"),
        ("fm", "em"),
    ),
}
_SAME = {"no": "nb"}


def languages() -> list[str]:
    """The languages whose names are known, as ISO 639 codes."""
    return sorted(_NAMES)


@lru_cache(maxsize=64)
def names_for(locale: str) -> Names | None:
    """The names of *locale* (``de``, ``de-DE``, ``de_DE``); None if its language is not known."""
    language = locale.replace("_", "-").split("-", 1)[0].lower()
    return _NAMES.get(_SAME.get(language, language))
