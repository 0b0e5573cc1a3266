package org.lehr.bench.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Texts on which tokenizers tend to differ: many scripts, emoji, white space, marks and controls.
final class SampleTexts {

    private static final List<String> FIXED = List.of(
            "",
            " ",
            "\n",
            "Hello, world!",
            "  two  spaces,   three;\ttabs\t\tand\n\n\nlines \r\n of every kind \n ",
            "I'll say it's what they've done, we're DONE'LL 'Twas o'clock 'ſ 'S 'RE",
            "int[] x = new int[128]; // 1234567890 + 3.14e-10 == 0xFF_FF",
            "Straße, ÉLÈVE, naïve, Ångström, ﬁne ﬃ ligatures, Ⅷ, ½, ²³, №",
            "Привет, мир! Как дела? Ёлка",
            "Καλημέρα κόσμε, ΟΔΟΣ Σίσυφος",
            "你好,世界!我们今天去北京。東京都 ひらがな カタカナ ﾊﾝｶｸ 한국어 조선말",
            "السلام عليكم ١٢٣ नमस्ते दुनिया १२३ สวัสดีชาวโลก ሰላም ልዑል",
            "שָׁלוֹם עוֹלָם",
            "👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 ❤️ 1️⃣ 🤦🏼‍♂️ 😀😀😀",
            "e\u0301 o\u0308\u0323 \u0301alone n\u0303\u0303 \u1100\u1161\u11A8",
            "\u0000\u0001\u0007\u001B[0m\u007F\u0085\u009F\u200B\u200D\u200E\u2060\uFEFF\uFFFD",
            "\u00A0\u1680\u2002\u2003\u2028\u2029\u202F\u205F\u3000x\u3000y",
            "<s>not special</s> <|endoftext|> <|end<|endoftext|> x<mask> y <mask>z <mask> .",
            "▁▁under ▁ lower▁one eighth",
            "don't do not . , ! ? ' n't 's a ' b",
            "tail of spaces     ",
            "𝕳𝖊𝖑𝖑𝖔 𝟙𝟚𝟛 𠜎𠜱 \uD83D\uDE00\u200D",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "İstanbul ıI ẞ ΑΣ ς");

    private static final String POOL =
            "aAbeEiostTxyz  \n\t.,;'’\"!?-_/\\(){}[]<>0123456789äßéñøłžЖдиАωΣλשאעمرحबनस中文字東あアー한국ก้ำ\u0301\u0308\u200D\u200B"
                    + "\u00A0\u3000▁ﬁ½²Ⅷ😀👍🏽👨👩❤️🇩🇪\u0001\u0085";

    private SampleTexts() {}

    /// The fixed texts, and `count` of random characters.
    static List<String> all(int count) {
        List<String> texts = new ArrayList<>(FIXED);
        int[] pool = POOL.codePoints().toArray();
        Random random = new Random(20261127);
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(60); length >= 0; length--) {
                text.appendCodePoint(pool[random.nextInt(pool.length)]);
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
