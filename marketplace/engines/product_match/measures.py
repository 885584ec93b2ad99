"""Units as product texts write them, with what they measure and how many base units one holds."""

from __future__ import annotations

import re

_TABLE: dict[str, dict[float, str]] = {
    "length": {  # millimetres
        1: "mm millimeter millimeters millimetre millimetres 毫米",
        10: "cm centimeter centimeters centimetre 厘米 公分",
        1000: "m meter meters metre metres 米",
        25.4: "in inch inches ' \" '' 英寸 寸",
        304.8: "ft ft. foot feet 英尺",
        914.4: "yd yard yards",
    },
    "mass": {  # grams
        1: "g gr gram grams 克",
        0.001: "mg 毫克",
        1000: "kg kgs kilo kilogram kilograms 千克 公斤",
        500: "斤",
        1e6: "t ton tons tonne tonnes 吨",
        28.35: "oz ounce ounces",
        453.6: "lb lbs pound pounds 磅",
    },
    "volume": {  # millilitres
        1: "ml milliliter milliliters 毫升",
        1000: "l ltr liter liters litre litres 升",
        3785: "gal gallon gallons 加仑",
        28317: "cu.ft cubic cubic-foot cubic-feet",
    },
    "count": {  # pieces
        1: "pc pcs pce pieces piece ct count pk pack packs sheets 个 只 件 片 支 枚 张 套 条 根",
        12: "dozen dz 打",
    },
    "power": {1: "w watt watts 瓦", 1000: "kw kilowatt kilowatts 千瓦", 735.5: "hp 马力"},
    "voltage": {1: "v volt volts vac vdc 伏", 1000: "kv 千伏"},
    "current": {1: "a amp amps 安", 0.001: "ma 毫安", 1.00001: "ah"},
    "charge": {1: "mah 毫安时"},
    "frequency": {1: "hz 赫兹", 1e3: "khz", 1e6: "mhz", 1e9: "ghz"},
    "data": {1: "mb megabyte megabytes", 1000: "gb gigabyte gigabytes gig", 1e6: "tb", 0.001: "kb"},
    "pixels": {1: "mp megapixel megapixels mega-pixel mega-pixels 万像素"},
    "zoom": {1: "x"},
    "lines": {1: "p"},
    "time": {1: "ms", 1000: "s sec second seconds 秒", 60000: "min minute minutes 分钟", 3.6e6: "h hr hour hours 小时"},
    "years": {1: "yr year years yr. 年", 0.08333: "month months mo"},
    "pressure": {1: "pa", 1e6: "mpa 兆帕", 1e5: "bar", 6895: "psi"},
    "users": {1: "user users lic license licenses licence seat seats 用户"},
    "turns": {1: "rpm 转"},
    "btu": {1: "btu"},
    "decibels": {1: "db"},
}

MEASURES: dict[str, tuple[str, float]] = {
    word: (dimension, factor)
    for dimension, units in _TABLE.items()
    for factor, spelled in units.items()
    for word in spelled.split()
}
UNIT_WORDS = "|".join(re.escape(word) for word in sorted(MEASURES, key=len, reverse=True))
