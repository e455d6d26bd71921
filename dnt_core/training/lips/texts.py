r"""What the voices say in training: frequent words in random order, and made-up words of many languages.

A sentence needs no meaning here, only sounds in the order and proportion in which a language has them, and
the melody that espeak-ng gives to a sentence of its language.
"""

from __future__ import annotations

import numpy as np

ENGLISH_WORDS = """
the of and a to in is you that it he was for on are with as his they be at one have this from or had by
hot word but what some we can out other were all there when up use your how said an each she which do
their time if will way about many then them write would like so these her long make thing see him two has
look more day could go come did number sound no most people my over know water than call first who may
down side been now find any new work part take get place made live where after back little only round man
year came show every good me give our under name very through just form sentence great think say help low
line differ turn cause much mean before move right boy old too same tell does set three want air well
also play small end put home read hand port large spell add even land here must big high such follow act
why ask men change went light kind off need house picture try us again animal point mother world near
build self earth father head stand own page should country found answer school grow study still learn
plant cover food sun four between state keep eye never last let thought city tree cross farm hard start
might story saw far sea draw left late run while press close night real life few north open seem together
next white children begin got walk example ease paper group always music those both mark often letter
until mile river car feet care second book carry took science eat room friend began idea fish mountain
stop once base hear horse cut sure watch color face wood main enough plain girl usual young ready above
ever red list though feel talk bird soon body dog family direct pose leave song measure door product
black short numeral class wind question happen complete ship area half rock order fire south problem
piece told knew pass since top whole king space heard best hour better true during hundred five remember
step early hold west ground interest reach fast verb sing listen six table travel less morning ten simple
several vowel toward war lay against pattern slow center love person money serve appear road map rain
rule govern pull cold notice voice unit power town fine certain fly fall lead cry dark machine note wait
plan figure star box noun field rest correct able pound done beauty drive stood contain front teach week
final gave green oh quick develop ocean warm free minute strong special mind behind clear tail produce
fact street inch multiply nothing course stay wheel full force blue object decide surface deep moon
island foot system busy test record boat common gold possible plane age dry wonder laugh thousand ago ran
check game shape yes miss brought heat snow tire bring distant fill east paint language among maybe apple
people bubble purple zipper pepper bumper happy baby probably problem membership remember number amber
jump lamp camp impossible employ hope rope soap maps cups beeps club tube robe web grab rub mum him came
home film palm firm seven move above give of five half cough phone leaf view very voice river over favour
vivid
""".split()

# spelling: consonants, vowels, endings; enough for an espeak-ng language to read it as its own
_LETTERS = {
    "es": ("b c d f g j l m n p q r s t v z ch ll ñ rr br pr tr bl pl mb mp", "a e i o u ie ue", "s n r "),
    "it": ("b c d f g l m n p r s t v z gn gl sc pp bb mm tt pr br sp", "a e i o u ia uo", " n l r"),
    "fr": ("b c d f g j l m n p r s t v ch gn br pr pl bl", "a e i o u é è ou eau an on in oi eu ai",
           "s t r e "),
    "pt-br": ("b c d f g j l m n p r s t v lh nh ch br pr pl", "a e i o u ão ei ou õe á", "s r m "),
    "ro": ("b c d f g j l m n p r s t v z ș ț pr br", "a e i o u ă â oa ea", "t n r l "),
    "nl": ("b d f g h j k l m n p r s t v w z sch pl br sp", "a e i o u aa ee oo ui ij oe ou ie eu",
           "n t r p m "),
    "sv": ("b d f g h j k l m n p r s t v sj pr br sp", "a e i o u å ä ö y", "n r t m p "),
    "da": ("b d f g h j k l m n p r s t v pr br", "a e i o u å æ ø y", "n r t m "),
    "fi": ("h j k l m n p r s t v pp mm mp", "a e i o u ä ö y aa ii uu uo yö ei", "n s "),
    "pl": ("b c d f g j k l ł m n p r s t w z sz cz rz ż ś ć pr br mp", "a e i o u y ą ę ó", "m p b ł ć "),
    "cs": ("b c d f h j k l m n p r s t v z š č ž ř pr br", "a e i o u y á é í ů", "m b p l t "),
    "hu": ("b c d f g h j k l m n p r s sz t v z cs gy ny zs", "a á e é i o ö ő u ü", "k m b p t n "),
    "tr": ("b c ç d f g h k l m n p r s ş t v y z", "a e ı i o ö u ü", "m p r k n "),
    "id": ("b c d g h j k l m n p r s t w y ng ny mb mp", "a e i o u ai au", "n m p k t ng "),
    "sw": ("b ch d f g h j k l m n p r s t v w y z mb mp ng ny sh", "a e i o u", " "),
    "el": ("β γ δ ζ θ κ λ μ ν ξ π ρ σ τ φ χ ψ μπ ντ", "α ε η ι ο υ ω ου αι ει", "ς ν "),
    "ru": ("б в г д ж з к л м н п р с т ф х ц ч ш щ пр бр", "а е и о у ы э ю я", "м б п т н й "),
    "eo": ("b c ĉ d f g ĝ h j k l m n p r s ŝ t v z pr br", "a e i o u aŭ oj", "n s "),
    "ja": ("か き く こ さ し す た ち つ な の は ひ ふ ほ ま み む も や ゆ よ ら り る わ ば び ぶ ぱ ぽ"
           " が だ", " ん う い", " "),
    "hi": ("क ख ग च ज ट ड त द न प फ ब भ म य र ल व श स ह", "ा ि ी ु ू े ै ो ौ ", " न म प"),
}  # fmt: skip
OTHER_LANGUAGES = tuple(_LETTERS)
ENGLISH = ("en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-us-nyc")

#: German is heard in no training; sentences of our own.
HELD_OUT_LANGUAGE = "de"
GERMAN_SENTENCES = (
    "Mein kleiner Bruder mag blaue Ballons am liebsten.",
    "Bitte bring mir morgen früh ein Pfund Butter mit.",
    "Am Abend aßen wir Apfelkuchen und Pflaumenmus.",
    "Papa kaufte im Mai eine schöne rote Lampe.",
    "Wir haben das Boot vorsichtig über den Fluss geschoben.",
    "Kommst du übermorgen zum Bahnhof oder bleibst du zu Hause?",
    "Die Bäume im Park blühen schon seit einer Woche.",
    "Man sollte öfter einmal etwas Neues ausprobieren.",
    "Der Computer piept, wenn die Pumpe zu warm wird.",
    "Viele Menschen sprechen beim Spazieren mit ihrem Hund.",
    "Auf dem Markt gibt es Paprika, Bohnen und grüne Äpfel.",
    "Ich glaube, das Problem liegt bei der oberen Klappe.",
)
#: English sentences that no training has; what flite's voices and held-out espeak-ng voices are judged by.
HELD_OUT_SENTENCES = (
    "The old museum opens at half past nine on weekdays.",
    "Please bring a pencil and some paper to the meeting.",
    "My grandmother bakes plum bread before every winter.",
    "Bobby bumped his elbow while climbing up the apple tree.",
    "We watched the ships move slowly past the lighthouse.",
    "How far is it from the village to the nearest hospital?",
    "Put the blue cups above the sink and wipe the table.",
    "The judge asked both of them to explain the map again.",
    "Thick fog covered the valley, but the road was empty.",
    "A good joke should surprise you more than once.",
    "Nobody believed the farmer when he spoke about the wolf.",
    "Five purple umbrellas hung from the ceiling of the shop.",
    "She whispered something funny and everybody laughed.",
    "If it stops raining, we may paint the fence this afternoon.",
    "Emma keeps a map of Peru pinned beside her computer.",
)


def english_text(generator: np.random.Generator) -> str:
    r"""Three to nine frequent words with a full stop, a question mark or a comma between them."""
    words = list(generator.choice(ENGLISH_WORDS, int(generator.integers(3, 10))))
    if len(words) > 5 and generator.random() < 0.4:
        words[int(generator.integers(2, len(words) - 2))] += ","
    return " ".join(words) + str(generator.choice([".", ".", ".", "?", "!"]))


def made_up_text(language: str, generator: np.random.Generator) -> str:
    r"""Two to six made-up words in the spelling of one of :data:`OTHER_LANGUAGES`."""
    consonants, vowels, endings = _LETTERS[language]
    onsets, nuclei, codas = consonants.split(), vowels.split(" "), endings.split(" ")
    words = []
    for _ in range(int(generator.integers(2, 7))):
        syllables = [
            str(generator.choice(onsets)) * (generator.random() < 0.92) + str(generator.choice(nuclei))
            for _ in range(int(generator.choice([1, 2, 2, 3, 3, 4])))
        ]
        words.append("".join(syllables) + str(generator.choice(codas)))
    return " ".join(words) + str(generator.choice([".", ".", "?"]))
