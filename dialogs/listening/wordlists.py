"""What people say around and instead of an answer: one table for each meaning.

Phrases are parted by "|". A word typed without marks fits a marked word here; a marked one must
be the same. Every row was written from how the words are used in the North, Centre or South.
"""

from typing import NamedTuple

from dialogs.listening.spelling import Phrase, Word, Words, phrases, read_words

# Short forms of chat and dialect, each for one word. The word itself is tried first.
SHORT_FORMS: dict[Word, Word] = {
    read_words(short)[0]: read_words(full)[0]
    for full, shorts in {
        "không": "ko k kg khg kh hok hôk hk hg hong hông hổng hỏng hem khum khom khôg kô "
        "hơm nỏ hổg",
        "được": "dc đc dk đk dx đx đươc dươc duoc đuọc đựơc đuợc",
        "rồi": "r ròi rùi òi ùi roài",
        "biết": "bit bik bjt bít bick biêt",
        "gì": "j gi z",
        "người": "ng ngta",
        "cũng": "cx cug cũg cg",
        "với": "vs zới zoi",
        "vậy": "z v zậy zay vay",
        "mình": "mik mk mih",
        "nhiều": "nhìu nhiu",
        "luôn": "lun luon",
        "thích": "thik thíck",
        "chưa": "chưaa chua ch",
        "hằng": "hàng",
        "tùy": "tuỳ",
    }.items()
    for short in shorts.split()
}

# Said out of politeness or habit, at either end of an answer.
POLITE = Words(
    "dạ ạ thưa xin nhé nha nhá nhe nghen nhen hen hén nghe nè đó đấy á mà thì là vậy luôn thôi đi "
    "em anh chị tôi tui mình cháu con bác chú cô ông bà ơi ad admin please pls i e c nhỉ chứ thế"
)
# Beside these a number still stands alone.
AROUND_NUMBERS = Words(
    "dạ ạ thưa xin nhé nha nhá nhe nghen nhen hen hén nghe nè đó đấy á mà thì là vậy luôn thôi đi "
    "em anh chị tôi tui mình cháu con bác chú cô ông bà ơi ok oki oke okie ừ ờ à được rồi cho với "
    "giùm dùm giúp hộ lấy chọn bấm nhấn nút ô dòng mục cái số ý mức đáp án phương trả lời lựa thứ "
    "điền ghi please pls i choose my answer is number no option chấm tự xếp the"
)
# With these a number is what the person more or less means.
HEDGES = Words("câu chắc hình như khoảng tầm cỡ gần hơn có lẽ question about maybe")
POINT_UNITS = Words("điểm đ point points pt pts")
HALF = Words("rưỡi rưởi")
OUT_OF = Words("trên")
COMMA = Words("phẩy phảy")
OR = Words("hoặc hay đến tới or to")
TENS = Words("mươi")

NUMBER_WORDS: dict[Word, int] = {
    word: value
    for value, names in {
        1: "một mốt nhất one first",
        2: "hai nhì two second",
        3: "ba three third",
        4: "bốn tư four fourth",
        5: "năm lăm nhăm five",
        6: "sáu six",
        7: "bảy bẩy seven",
        8: "tám eight",
        9: "chín nine",
        10: "mười ten",
    }.items()
    for word in read_words(names)
}
# A letter by which tests are answered at school: likely the same as a number.
LETTERS = {"a": 1, "b": 2, "c": 3, "d": 4}
ZERO = phrases("số không | zero | số zero")
FIRST = phrases("đầu tiên | đầu | cái đầu | câu đầu | ý đầu | first one | the first")
LAST = phrases(
    "cuối cùng | cuối | cái cuối | câu cuối | ý cuối | chót | last | the last | last one"
)

YES_LABELS = phrases(
    "Có | Đúng | Đúng rồi | Đồng ý | Tôi đồng ý | Phải | Yes | Correct | Right | I agree | Agree"
)
NO_LABELS = phrases(
    "Không | Gõ lại | Không đồng ý | Tôi không đồng ý | Sai | Không phải | Không đúng | Chưa đúng "
    "| No | Type again | Disagree | I disagree | I do not agree | I don't agree | Wrong"
)
# Clear enough for consent.
CLEAR_YES = phrases(
    "có | có đồng ý | đồng ý | đồng ý có | tôi có đồng ý | nhất trí | vâng | vâng đồng ý | phải "
    "| đúng | đúng rồi | phải rồi | có đúng | chấp nhận | chấp thuận | yes | i agree | agree | "
    "correct"
    "| hoàn toàn đồng ý | đồng ý hết"
)
CLEAR_NO = phrases(
    "không | không đồng ý | không có | không nhất trí | không chấp nhận | từ chối | không phải "
    "| không đúng | sai | sai rồi | không muốn | no | disagree | i disagree | i do not agree "
    "| i don't agree | wrong | không đồng ý đâu | không đâu | không không"
)
# A nod in talk; not enough for consent.
SOFT_YES = phrases(
    "dạ | ừ | ừa | ừm | ờ | ok | oki | oke | okie | okê | okela | okay | uh | uhm | uk | um | "
    "ukm | y "
    "| yep | yeah | yea | sure | right | được | được rồi | rồi | chuẩn | chuẩn rồi | chính xác "
    "| có chứ | có muốn | muốn | thích | có nhận | nhận | đúng vậy | phải đó | dạ rồi | dạ phải "
    "| ok rồi | vg | vâng ạ | vâng dạ | ừ đúng | ừ đúng rồi | ừ phải | đúng ừ | chịu | cũng được "
    "| có rồi | đồng ý thôi | ừ có | ok có | ok đồng ý | vâng có | vâng đúng | vâng đúng rồi | vang"
)
SOFT_NO = phrases(
    "thôi | khỏi | thôi khỏi | khỏi cần | không cần | chẳng | chả | chưa | chưa đúng | nope | nah "
    "| đừng | dạ không | dạ thôi | không nhận | không nhận tin | không thích | không chịu | làm "
    "lại "
    "| gõ lại | nhập lại | sai tên | thôi không | no no | không no | chưa phải | dạ chưa | hổng "
    "chịu"
)
YES_SIGNS = "👍👌✅✔☑🆗🙆💯"
NO_SIGNS = "👎❌✖🙅⛔🚫"

NEGATIONS = Words("không chưa chẳng chả đừng khỏi ít chớ not never don't no")
# Said at a level question: nothing done, so the lowest level is proposed.
NOTHING = phrases(
    "không | không có | chưa | chưa có | không hề | chẳng | chẳng có | chả có | không bao giờ "
    "| chưa bao giờ | không lần nào | chưa lần nào | never | no | none | not yet | nothing | "
    "zero lần "
    "| không gì | không có gì | chưa có gì | không làm | chưa làm"
)
NOTHING_LABELS = Words("chưa không hiếm ít còn dưới not never no none rarely hardly under")

NO_ANSWER_WHOLE = phrases(
    "tùy | tùy em | tùy anh | tùy chị | tùy cháu | tùy cán bộ | tùy bạn | tùy ý | tùy thôi | chịu "
    "| chịu thua | không biết | không biết nữa | không biết đâu | không biết chọn gì | không "
    "biết sao "
    "| không biết chọn sao | không biết chọn cái nào | không biết trả lời sao | không rõ | không "
    "rõ nữa "
    "| không nhớ | không nhớ nữa | quên | quên rồi | ai biết | ai mà biết | bỏ qua | bỏ | bỏ trống "
    "| để trống | skip | next | pass | i don't know | don't know | dont know | not sure | "
    "whatever | any "
    "| chưa biết | chưa rõ | không chắc | không quan tâm | nhiêu cũng được | khó nói | khó quá "
    "| chưa nghĩ ra | biết đâu | biết chết liền | không ý kiến | không có ý kiến | không biết gì"
)
NO_ANSWER_INSIDE = phrases(
    "sao cũng được | thế nào cũng được | gì cũng được | mấy cũng được | nào cũng được | nào cũng "
    "ok "
    "| bao nhiêu cũng được | nhiêu cũng được | giống chồng | giống vợ | như chồng | như vợ | "
    "giống ông "
    "xã | giống bà xã | giống nhà | như mọi người | giống mọi người | giống người ta | giống năm "
    "ngoái "
    "| như năm ngoái | giống hàng xóm | chấm cao | điểm cao | cho cao | cao cao | tối đa | cao "
    "nhất "
    "| chọn giùm | chọn giúp | chọn hộ | chấm giùm | chấm giúp | điền giùm | điền giúp | ghi giùm "
    "| làm giùm đi | tùy em | tùy cháu | tùy cán bộ | tùy bạn | anything is fine | highest | "
    "same as my husband | same as my wife | you choose"
)
HELP_WHOLE = phrases(
    "alo | a lô | alô | alo alo | alo em | em ơi | em ơi em | anh ơi | chị ơi | cháu ơi | con ơi "
    "| bác ơi | chú ơi | cô ơi | bạn ơi | ad ơi | ai đó | có ai không | có ai ở đó không | giúp "
    "| giúp "
    "với | giúp tôi | giúp tôi với | giúp em | giúp em với | giúp bác | cứu | cứu với | hướng "
    "dẫn | help "
    "| hello | hi | xin chào | chào | chào em | chào cháu | help me | là sao | gì vậy | gì thế | "
    "gì "
    "| cái gì | hả | sao | sao vậy | sao giờ | làm sao | làm sao giờ | nghĩa là sao | nói gì vậy "
    "| what | how | nói lại đi | hỏi gì vậy | alo cán bộ"
)
HELP_INSIDE = phrases(
    "mắt kém | mắt mờ | mắt yếu | không thấy chữ | chữ nhỏ | chữ bé | không đọc được | không "
    "nhìn được "
    "| không nhìn thấy | không thấy đường | không biết chữ | không hiểu | không hỉu | chưa hiểu "
    "| khó hiểu | hiểu gì đâu | không biết bấm | không biết làm sao | không biết nhắn | không "
    "biết viết "
    "| không biết gõ | không biết dùng máy này | giải thích | nghĩa là gì | là gì vậy | là sao vậy "
    "| làm thế nào đây | chỉ tôi | chỉ giùm | chỉ giúp | chỉ bác | hướng dẫn | không gõ được | "
    "phải làm "
    "sao | i don't understand | can't read | cannot read | what does"
)
OFFICER_INSIDE = phrases(
    "chưa muốn trả lời | không muốn trả lời | không trả lời | khỏi trả lời | trao đổi với cán bộ "
    "| trao đổi cán bộ | gặp cán bộ | hỏi cán bộ | để cán bộ | nói chuyện với cán bộ | nói với "
    "cán bộ "
    "| nhờ cán bộ | gọi cán bộ | trả lời sau | nói sau | hỏi trưởng thôn | hỏi tổ trưởng | gặp "
    "trưởng "
    "thôn | talk to an officer | ask an officer | prefer not to | rather not | không tiện nói "
    "| không tiện trả lời"
)


class Often(NamedTuple):
    """How often: what people say, and the wordings by which an option says the same.

    `sure` is False where what was said is vaguer than any option: then it is only proposed.
    """

    said: tuple[Phrase, ...]
    options: tuple[Phrase, ...]
    sure: bool = True


_DAILY = "hằng ngày | mỗi ngày | ngày nào cũng | every day | daily"
_WEEKLY = "hằng tuần | mỗi tuần | tuần nào cũng | every week | weekly"
_MONTHLY = "vài lần mỗi tháng | hằng tháng | mỗi tháng | a few times a month | monthly"
_RARELY = "hiếm khi | ít khi | rarely | hardly ever"
_SOMETIMES = "đôi khi | thỉnh thoảng | sometimes"
_REGULARLY = "thường xuyên | often | regularly"

FREQUENCIES = (
    Often(
        phrases(
            f"{_DAILY} | hàng ngày | ngày nào | sáng nào | sáng nào cũng | tối nào | tối nào cũng "
            "| chiều nào | trưa nào | bữa nào cũng | hôm nào cũng | đêm nào cũng | suốt ngày | "
            "cả ngày "
            "| lúc nào cũng | luôn luôn | everyday | ngày ngày | mỗi bữa | mỗi sáng | mỗi tối | "
            "mỗi hôm "
            "| ngày mấy lần | ngày hai lần | ngày một lần | một ngày một lần | bữa mô cũng | "
            "ngày mô cũng"
        ),
        phrases(_DAILY),
    ),
    Often(
        phrases(
            f"{_WEEKLY} | hàng tuần | tuần nào | tuần một lần | tuần 1 lần | tuần vài lần | tuần "
            "mấy lần "
            "| tuần hai lần | tuần 2 lần | tuần ba lần | tuần đôi ba lần | vài lần một tuần | "
            "cuối tuần nào "
            "| vài lần 1 tuần | 1 lần 1 tuần | một lần một tuần | vài lần mỗi tuần | mấy lần một "
            "tuần "
            "| chủ nhật nào | once a week | twice a week | tuần mô cũng | cách ngày | bữa đực "
            "bữa cái"
        ),
        phrases(_WEEKLY),
    ),
    Often(
        phrases(
            f"{_MONTHLY} | hàng tháng | tháng nào | tháng vài lần | tháng mấy lần | tháng đôi lần "
            "| tháng đôi ba lần | tháng 2 lần | tháng hai lần | tháng 3 lần | tháng ba lần | "
            "tháng một lần "
            "| tháng 1 lần | vài lần một tháng | vài lần 1 tháng | mấy lần một tháng | mấy lần 1 "
            "tháng "
            "| once a month | nửa tháng một lần | tháng mô cũng | vài lần trong tháng"
        ),
        phrases(_MONTHLY),
    ),
    Often(
        phrases(
            f"{_RARELY} | hiếm | năm thì mười họa | năm khi mười họa | họa hoằn | chẳng mấy khi "
            "| không mấy khi | hầu như không | gần như không | lâu lắm mới | rất ít | ít lắm | "
            "ít thôi "
            "| năm một lần | năm vài lần | năm đôi lần | cả năm một lần | almost never | seldom "
            "| hiếm lắm "
            "| ít đọc | ít coi | ít xem | ít nghe | họa may"
        ),
        phrases(_RARELY),
    ),
    Often(
        phrases(
            f"{_SOMETIMES} | thi thoảng | đôi lúc | có khi | có lúc | khi có khi không | đôi ba "
            "khi "
            "| lúc có lúc không | khi mô rảnh | khi nào rảnh | rảnh thì | bữa có bữa không | một "
            "vài lần"
        ),
        phrases(_SOMETIMES),
    ),
    Often(phrases("lâu lâu | lâu lâu mới | lâu lâu một lần"), phrases(_SOMETIMES), sure=False),
    Often(phrases(f"{_REGULARLY} | hay | thường | suốt | hoài"), phrases(_REGULARLY)),
)
# Before "how often" these make it less sure.
NEARLY = phrases("hầu như | gần như | chắc | có lẽ | hình như | almost | khoảng")

# Too common to tell one option from another.
COMMON = Words(
    "có đã được rồi đang là và thì mỗi lần khi từ một việc người cho để học làm ở của trong năm "
    "nay "
    "điều gì với hay hoặc cũng còn nào the a an of to in is yes no it i and or my"
)
