"""The units that trade needs: some 130 of UN/ECE Recommendation 20, and the packages of Recommendation 21 (X + code).

A row is: code | factor | symbol | English | Chinese | other spellings. The factor says how many of the kind's base unit
one of it holds, exactly: an integer, a decimal or a fraction. Where Recommendation 20 prints a rounded factor the exact
definition stands here (the ounce is a sixteenth of the pound of 0.45359237 kg: the 1959 agreement on yard and pound).
"""

from __future__ import annotations

KINDS = {
    # base unit C62; a piece, an each and an item are one thing, a pair is two of them
    "count": """
C62 | 1 | | one | 个 | 只 件 台 部 辆 支 条 根 枚 颗 粒 张 块 把 片 pc pcs pce pieces unit units item items no nos stk
H87 | 1 | | piece | 件 |
EA | 1 | | each | 每个 |
PR | 2 | | pair | 双 | pairs 对
TP | 10 | | ten pack | 十个装 |
DZN | 12 | doz | dozen | 打 | dozens dz doz
DPC | 12 | | dozen piece | 打件 |
SCO | 20 | | score | 二十个 | scores
DPR | 24 | | dozen pair | 打双 |
CEN | 100 | | hundred | 百个 | 百 hundreds
HC | 100 | | hundred count | 百计数 |
GRO | 144 | gr | gross | 罗 |
MIL | 1000 | | thousand | 千个 | 千 thousands kpcs
T3 | 1000 | | thousand piece | 千件 | 千只
MIO | 1000000 | | million | 百万 | millions
""",
    # base unit KGM
    "mass": """
MC | 1/1000000000 | µg | microgram | 微克 | ug micrograms
MGM | 1/1000000 | mg | milligram | 毫克 | milligrams
CGM | 1/100000 | cg | centigram | 厘克 |
CTM | 1/5000 | ct | metric carat | 克拉 | carat carats
DG | 1/10000 | dg | decigram | 分克 |
GRM | 1/1000 | g | gram | 克 | grams gramme grammes gm
DJ | 1/100 | dag | decagram | 十克 |
KGM | 1 | kg | kilogram | 公斤 | 千克 kgs kilo kilos kilograms kilogramme
DTN | 100 | dt | decitonne | 公担 | 担 quintal
TNE | 1000 | t | tonne | 吨 | 公吨 tonnes mt metricton metrictons
KTN | 1000000 | kt | kilotonne | 千吨 | kilotonnes
LBR | 0.45359237 | lb | pound | 磅 | lbs pounds
ONZ | 0.028349523125 | oz | ounce | 盎司 | ounces
APZ | 0.0311034768 | tr oz | troy ounce | 金衡盎司 | ozt
STI | 6.35029318 | st (UK) | stone | 英石 |
CNT | 45.359237 | | cental (UK) | 百磅 |
STN | 907.18474 | ton (US) | short ton | 短吨 | shorttons uston
LTN | 1016.0469088 | ton (UK) | long ton | 长吨 | longtons ukton
""",
    # base unit MTR
    "length": """
4H | 1/1000000 | µm | micrometre | 微米 | um micron microns micrometer
MMT | 1/1000 | mm | millimetre | 毫米 | millimeter millimeters millimetres
CMT | 1/100 | cm | centimetre | 厘米 | 公分 centimeter centimeters centimetres
DMT | 1/10 | dm | decimetre | 分米 | decimeter
MTR | 1 | m | metre | 米 | 公尺 meter meters metres mtr mtrs
LM | 1 | | linear metre | 延米 | linearmeter linearmeters linearmetres
A45 | 10 | dam | decametre | 十米 | decameter
HMT | 100 | hm | hectometre | 百米 | hectometer
KMT | 1000 | km | kilometre | 公里 | 千米 kilometer kilometers kilometres
INH | 0.0254 | in | inch | 英寸 | inches 寸
FOT | 0.3048 | ft | foot | 英尺 | feet
LF | 0.3048 | | linear foot | 延英尺 | linft linfeet linearfeet
YRD | 0.9144 | yd | yard | 码 | yards yds
LY | 0.9144 | | linear yard | 延码 | linearyards
SMI | 1609.344 | mile | mile | 英里 | miles
NMI | 1852 | n mile | nautical mile | 海里 | nauticalmiles
""",
    # base unit MTK
    "area": """
MMK | 1/1000000 | mm² | square millimetre | 平方毫米 | sqmm
CMK | 1/10000 | cm² | square centimetre | 平方厘米 | sqcm
DMK | 1/100 | dm² | square decimetre | 平方分米 | sqdm
MTK | 1 | m² | square metre | 平方米 | 平米 平方 sqm squaremeter squaremeters squaremetres
H18 | 10000 | hm² | square hectometre | 公顷 | hectare hectares ha har
KMK | 1000000 | km² | square kilometre | 平方公里 | sqkm
INK | 0.00064516 | in² | square inch | 平方英寸 | sqin
FTK | 0.09290304 | ft² | square foot | 平方英尺 | 平方尺 sf sqft squarefeet
YDK | 0.83612736 | yd² | square yard | 平方码 | sy sqyd squareyards
SQR | 9.290304 | | square, roofing | 百平方英尺 |
ACR | 62726400000/15499969 | acre | acre | 英亩 | acres ac
""",
    # base unit MTQ
    "volume": """
4G | 1/1000000000 | µl | microlitre | 微升 | ul
MMQ | 1/1000000000 | mm³ | cubic millimetre | 立方毫米 | cumm
MLT | 1/1000000 | ml | millilitre | 毫升 | milliliter milliliters millilitres
CMQ | 1/1000000 | cm³ | cubic centimetre | 立方厘米 | cc ccm
CLT | 1/100000 | cl | centilitre | 厘升 | centiliter
DLT | 1/10000 | dl | decilitre | 分升 | deciliter
LTR | 1/1000 | l | litre | 升 | 公升 liter liters litres ltr ltrs
DMQ | 1/1000 | dm³ | cubic decimetre | 立方分米 |
A44 | 1/100 | dal | decalitre | 十升 | decaliter
HLT | 1/10 | hl | hectolitre | 百升 | hectoliter
K6 | 1 | kl | kilolitre | 千升 | kiloliter
MTQ | 1 | m³ | cubic metre | 立方米 | 立方 方 cbm cum cubicmeter cubicmeters cubicmetres
INQ | 0.000016387064 | in³ | cubic inch | 立方英寸 | cuin
FTQ | 0.028316846592 | ft³ | cubic foot | 立方英尺 | cf cuft cubicfeet
YDQ | 0.764554857984 | yd³ | cubic yard | 立方码 | cy cuyd cubicyards
OZA | 0.0000295735295625 | fl oz (US) | fluid ounce (US) | 美液盎司 | floz
PTL | 0.000473176473 | liq pt (US) | liquid pint (US) | 美品脱 | pint
QTL | 0.000946352946 | liq qt (US) | liquid quart (US) | 美夸脱 | quart
GLL | 0.003785411784 | gal (US) | gallon (US) | 加仑 | 美加仑 gal gals gallon gallons
OZI | 0.0000284130625 | fl oz (UK) | fluid ounce (UK) | 英液盎司 |
PTI | 0.00056826125 | pt (UK) | pint (UK) | 英品脱 |
QTI | 0.0011365225 | qt (UK) | quart (UK) | 英夸脱 |
GLI | 0.00454609 | gal (UK) | gallon (UK) | 英加仑 |
BUA | 0.03523907016688 | bu (US) | bushel (US) | 蒲式耳 | bushel bushels
BLL | 0.158987294928 | bbl | barrel (US) | 美桶 | bbl bbls
""",
    # base unit SEC; a month is a twelfth of 365.25 days, as Recommendation 20 has it
    "time": """
C26 | 1/1000 | ms | millisecond | 毫秒 |
SEC | 1 | s | second | 秒 | sec secs seconds
MIN | 60 | min | minute | 分钟 | mins minutes
HUR | 3600 | h | hour | 小时 | 工时 hr hrs hours
DAY | 86400 | d | day | 天 | 日 days
WEE | 604800 | wk | week | 周 | weeks wks
MON | 2629800 | mo | month | 月 | 个月 months
ANN | 31557600 | y | year | 年 | years yr yrs
""",
    # base unit JOU
    "energy": """
JOU | 1 | J | joule | 焦耳 | joules
KJO | 1000 | kJ | kilojoule | 千焦 |
3B | 1000000 | MJ | megajoule | 兆焦 |
GV | 1000000000 | GJ | gigajoule | 吉焦 |
WHR | 3600 | W·h | watt hour | 瓦时 | wh
KWH | 3600000 | kW·h | kilowatt hour | 千瓦时 | 度 kwh
MWH | 3600000000 | MW·h | megawatt hour | 兆瓦时 |
GWH | 3600000000000 | GW·h | gigawatt hour | 吉瓦时 |
""",
    # base unit WTT
    "power": """
WTT | 1 | W | watt | 瓦 | watts 瓦特
KWT | 1000 | kW | kilowatt | 千瓦 | kilowatts
MAW | 1000000 | MW | megawatt | 兆瓦 | megawatts
""",
    # base unit PAL
    "pressure": """
PAL | 1 | Pa | pascal | 帕 |
KPA | 1000 | kPa | kilopascal | 千帕 |
MPA | 1000000 | MPa | megapascal | 兆帕 |
BAR | 100000 | bar | bar | 巴 | bars
""",
    # base unit MTK-based grammage: kilograms a square metre
    "grammage": """
GM | 1/1000 | g/m² | gram per square metre | 克每平方米 | gsm g/sqm
28 | 1 | kg/m² | kilogram per square metre | 千克每平方米 |
""",
    # base unit D34-based fineness of yarn: kilograms a metre
    "fineness": """
A47 | 1/10000000 | dtex | decitex | 分特 |
D34 | 1/1000000 | tex | tex | 特克斯 |
""",
    # base unit P1: shares
    "share": """
P1 | 1 | % | percent | 百分比 | percent pct
""",
}

# Units that stand for themselves: no number says how many of another they hold.
ALONE = """
SET | | set | 套 | sets 组
KT | | kit | 套件 | kits
AS | | assortment | 混装 |
AY | | assembly | 组件 | assemblies
NMP | | number of packs | 包数 | packs
5B | | batch | 批 | batches
LS | | lump sum | 一式 | ls lumpsum 项
E48 | | service unit | 次 | service 服务
ACT | | activity | 项活动 |
SX | | shipment | 批货 |
E49 | | working day | 工作日 | workingdays
LH | | labour hour | 人工小时 | manhour manhours
3C | | manmonth | 人月 |
IE | | person | 人 | 人次
E53 | | test | 测试 | tests 人份
E27 | | dose | 剂 | doses
U2 | | tablet | 片剂 | tablets
NIU | IU | number of international units | 国际单位 |
RM | | ream | 令 | reams
QR | | quire | 刀 |
SW | | skein | 束 | skeins
SR | | strip | 条带 | strips
OA | | panel | 面板 | panels
20 | | twenty foot container | 二十英尺集装箱 | 20gp teu
21 | | forty foot container | 四十英尺集装箱 | 40gp feu
XBX | | box | 盒 | boxes bx
XCT | | carton | 箱 | 纸箱 cartons ctn ctns
XCS | | case | 木箱 | cases cs
XPK | | package | 包 | pk pkg pkgs pack package packages
XPA | | packet | 小包 | packets
XBG | | bag | 袋 | bags bg
XSA | | sack | 麻袋 | sacks
XRO | | roll | 卷 | rolls ro
XRL | | reel | 盘 | reels rl
XBB | | bobbin | 筒 | bobbins spool spools
XCJ | | cone | 锥 | cones
XCL | | coil | 圈 | coils
XBE | | bundle | 捆 | bundles
XBL | | bale | 包捆 | bales
XST | | sheet | 张板 | sheets
XPG | | plate | 板材 | plates
XTU | | tube | 管 | tubes
XBO | | bottle | 瓶 | bottles bo
XCA | | can | 罐 | cans
XDR | | drum | 桶 | drums
XBA | | barrel (package) | 木桶 |
XCR | | crate | 板条箱 | crates
XPX | | pallet | 托盘 | pallets plt 托
XRD | | rod | 棒 | rods
"""

# Spellings that name more than one unit: the writer must say which.
AMBIGUOUS = {
    "ton": ("TNE", "STN", "LTN"),
    "tons": ("TNE", "STN", "LTN"),
    "斤": ("KGM",),
    "尺": ("MTR", "FOT"),
    "ct": ("XCT", "CTM", "C62"),
    "hp": ("KWT",),
}

# Symbols whose first letter means milli or mega by its case: taken only as the table writes them.
CASE_MATTERS = {"mw", "mj", "mpa"}
