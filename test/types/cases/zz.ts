import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const s0 = step({ name: 's0', outputs: { o0: z.number() } }, () => 0);
const s1 = step({ name: 's1', inputs: { o0: z.number() }, outputs: { o1: z.number() } }, () => 1);
const s2 = step({ name: 's2', inputs: { o1: z.number() }, outputs: { o2: z.number() } }, () => 2);
const s3 = step({ name: 's3', inputs: { o2: z.number() }, outputs: { o3: z.number() } }, () => 3);
const s4 = step({ name: 's4', inputs: { o3: z.number() }, outputs: { o4: z.number() } }, () => 4);
const s5 = step({ name: 's5', inputs: { o4: z.number() }, outputs: { o5: z.number() } }, () => 5);
const s6 = step({ name: 's6', inputs: { o5: z.number() }, outputs: { o6: z.number() } }, () => 6);
const s7 = step({ name: 's7', inputs: { o6: z.number() }, outputs: { o7: z.number() } }, () => 7);
const s8 = step({ name: 's8', inputs: { o7: z.number() }, outputs: { o8: z.number() } }, () => 8);
const s9 = step({ name: 's9', inputs: { o8: z.number() }, outputs: { o9: z.number() } }, () => 9);
const s10 = step({ name: 's10', inputs: { o9: z.number() }, outputs: { o10: z.number() } }, () => 10);
const s11 = step({ name: 's11', inputs: { o10: z.number() }, outputs: { o11: z.number() } }, () => 11);
const s12 = step({ name: 's12', inputs: { o11: z.number() }, outputs: { o12: z.number() } }, () => 12);
const s13 = step({ name: 's13', inputs: { o12: z.number() }, outputs: { o13: z.number() } }, () => 13);
const s14 = step({ name: 's14', inputs: { o13: z.number() }, outputs: { o14: z.number() } }, () => 14);
const s15 = step({ name: 's15', inputs: { o14: z.number() }, outputs: { o15: z.number() } }, () => 15);
const s16 = step({ name: 's16', inputs: { o15: z.number() }, outputs: { o16: z.number() } }, () => 16);
const s17 = step({ name: 's17', inputs: { o16: z.number() }, outputs: { o17: z.number() } }, () => 17);
const s18 = step({ name: 's18', inputs: { o17: z.number() }, outputs: { o18: z.number() } }, () => 18);
const s19 = step({ name: 's19', inputs: { o18: z.number() }, outputs: { o19: z.number() } }, () => 19);
const s20 = step({ name: 's20', inputs: { o19: z.number() }, outputs: { o20: z.number() } }, () => 20);
const s21 = step({ name: 's21', inputs: { o20: z.number() }, outputs: { o21: z.number() } }, () => 21);
const s22 = step({ name: 's22', inputs: { o21: z.number() }, outputs: { o22: z.number() } }, () => 22);
const s23 = step({ name: 's23', inputs: { o22: z.number() }, outputs: { o23: z.number() } }, () => 23);
const s24 = step({ name: 's24', inputs: { o23: z.number() }, outputs: { o24: z.number() } }, () => 24);
const s25 = step({ name: 's25', inputs: { o24: z.number() }, outputs: { o25: z.number() } }, () => 25);
const s26 = step({ name: 's26', inputs: { o25: z.number() }, outputs: { o26: z.number() } }, () => 26);
const s27 = step({ name: 's27', inputs: { o26: z.number() }, outputs: { o27: z.number() } }, () => 27);
const s28 = step({ name: 's28', inputs: { o27: z.number() }, outputs: { o28: z.number() } }, () => 28);
const s29 = step({ name: 's29', inputs: { o28: z.number() }, outputs: { o29: z.number() } }, () => 29);
const s30 = step({ name: 's30', inputs: { o29: z.number() }, outputs: { o30: z.number() } }, () => 30);
const s31 = step({ name: 's31', inputs: { o30: z.number() }, outputs: { o31: z.number() } }, () => 31);
const s32 = step({ name: 's32', inputs: { o31: z.number() }, outputs: { o32: z.number() } }, () => 32);
const s33 = step({ name: 's33', inputs: { o32: z.number() }, outputs: { o33: z.number() } }, () => 33);
const s34 = step({ name: 's34', inputs: { o33: z.number() }, outputs: { o34: z.number() } }, () => 34);
const s35 = step({ name: 's35', inputs: { o34: z.number() }, outputs: { o35: z.number() } }, () => 35);
const s36 = step({ name: 's36', inputs: { o35: z.number() }, outputs: { o36: z.number() } }, () => 36);
const s37 = step({ name: 's37', inputs: { o36: z.number() }, outputs: { o37: z.number() } }, () => 37);
const s38 = step({ name: 's38', inputs: { o37: z.number() }, outputs: { o38: z.number() } }, () => 38);
const s39 = step({ name: 's39', inputs: { o38: z.number() }, outputs: { o39: z.number() } }, () => 39);
const s40 = step({ name: 's40', inputs: { o39: z.number() }, outputs: { o40: z.number() } }, () => 40);
const s41 = step({ name: 's41', inputs: { o40: z.number() }, outputs: { o41: z.number() } }, () => 41);
const s42 = step({ name: 's42', inputs: { o41: z.number() }, outputs: { o42: z.number() } }, () => 42);
const s43 = step({ name: 's43', inputs: { o42: z.number() }, outputs: { o43: z.number() } }, () => 43);
const s44 = step({ name: 's44', inputs: { o43: z.number() }, outputs: { o44: z.number() } }, () => 44);
const s45 = step({ name: 's45', inputs: { o44: z.number() }, outputs: { o45: z.number() } }, () => 45);
const s46 = step({ name: 's46', inputs: { o45: z.number() }, outputs: { o46: z.number() } }, () => 46);
const s47 = step({ name: 's47', inputs: { o46: z.number() }, outputs: { o47: z.number() } }, () => 47);
const s48 = step({ name: 's48', inputs: { o47: z.number() }, outputs: { o48: z.number() } }, () => 48);
const s49 = step({ name: 's49', inputs: { o48: z.number() }, outputs: { o49: z.number() } }, () => 49);
const s50 = step({ name: 's50', inputs: { o49: z.number() }, outputs: { o50: z.number() } }, () => 50);
const s51 = step({ name: 's51', inputs: { o50: z.number() }, outputs: { o51: z.number() } }, () => 51);
const s52 = step({ name: 's52', inputs: { o51: z.number() }, outputs: { o52: z.number() } }, () => 52);
const s53 = step({ name: 's53', inputs: { o52: z.number() }, outputs: { o53: z.number() } }, () => 53);
const s54 = step({ name: 's54', inputs: { o53: z.number() }, outputs: { o54: z.number() } }, () => 54);
const s55 = step({ name: 's55', inputs: { o54: z.number() }, outputs: { o55: z.number() } }, () => 55);
const s56 = step({ name: 's56', inputs: { o55: z.number() }, outputs: { o56: z.number() } }, () => 56);
const s57 = step({ name: 's57', inputs: { o56: z.number() }, outputs: { o57: z.number() } }, () => 57);
const s58 = step({ name: 's58', inputs: { o57: z.number() }, outputs: { o58: z.number() } }, () => 58);
const s59 = step({ name: 's59', inputs: { o58: z.number() }, outputs: { o59: z.number() } }, () => 59);
const s60 = step({ name: 's60', inputs: { o59: z.number() }, outputs: { o60: z.number() } }, () => 60);
const s61 = step({ name: 's61', inputs: { o60: z.number() }, outputs: { o61: z.number() } }, () => 61);
const s62 = step({ name: 's62', inputs: { o61: z.number() }, outputs: { o62: z.number() } }, () => 62);
const s63 = step({ name: 's63', inputs: { o62: z.number() }, outputs: { o63: z.number() } }, () => 63);
const s64 = step({ name: 's64', inputs: { o63: z.number() }, outputs: { o64: z.number() } }, () => 64);
const s65 = step({ name: 's65', inputs: { o64: z.number() }, outputs: { o65: z.number() } }, () => 65);
const s66 = step({ name: 's66', inputs: { o65: z.number() }, outputs: { o66: z.number() } }, () => 66);
const s67 = step({ name: 's67', inputs: { o66: z.number() }, outputs: { o67: z.number() } }, () => 67);
const s68 = step({ name: 's68', inputs: { o67: z.number() }, outputs: { o68: z.number() } }, () => 68);
const s69 = step({ name: 's69', inputs: { o68: z.number() }, outputs: { o69: z.number() } }, () => 69);
const s70 = step({ name: 's70', inputs: { o69: z.number() }, outputs: { o70: z.number() } }, () => 70);
const s71 = step({ name: 's71', inputs: { o70: z.number() }, outputs: { o71: z.number() } }, () => 71);
const s72 = step({ name: 's72', inputs: { o71: z.number() }, outputs: { o72: z.number() } }, () => 72);
const s73 = step({ name: 's73', inputs: { o72: z.number() }, outputs: { o73: z.number() } }, () => 73);
const s74 = step({ name: 's74', inputs: { o73: z.number() }, outputs: { o74: z.number() } }, () => 74);
const s75 = step({ name: 's75', inputs: { o74: z.number() }, outputs: { o75: z.number() } }, () => 75);
const s76 = step({ name: 's76', inputs: { o75: z.number() }, outputs: { o76: z.number() } }, () => 76);
const s77 = step({ name: 's77', inputs: { o76: z.number() }, outputs: { o77: z.number() } }, () => 77);
const s78 = step({ name: 's78', inputs: { o77: z.number() }, outputs: { o78: z.number() } }, () => 78);
const s79 = step({ name: 's79', inputs: { o78: z.number() }, outputs: { o79: z.number() } }, () => 79);
const s80 = step({ name: 's80', inputs: { o79: z.number() }, outputs: { o80: z.number() } }, () => 80);
const s81 = step({ name: 's81', inputs: { o80: z.number() }, outputs: { o81: z.number() } }, () => 81);
const s82 = step({ name: 's82', inputs: { o81: z.number() }, outputs: { o82: z.number() } }, () => 82);
const s83 = step({ name: 's83', inputs: { o82: z.number() }, outputs: { o83: z.number() } }, () => 83);
const s84 = step({ name: 's84', inputs: { o83: z.number() }, outputs: { o84: z.number() } }, () => 84);
const s85 = step({ name: 's85', inputs: { o84: z.number() }, outputs: { o85: z.number() } }, () => 85);
const s86 = step({ name: 's86', inputs: { o85: z.number() }, outputs: { o86: z.number() } }, () => 86);
const s87 = step({ name: 's87', inputs: { o86: z.number() }, outputs: { o87: z.number() } }, () => 87);
const s88 = step({ name: 's88', inputs: { o87: z.number() }, outputs: { o88: z.number() } }, () => 88);
const s89 = step({ name: 's89', inputs: { o88: z.number() }, outputs: { o89: z.number() } }, () => 89);
const s90 = step({ name: 's90', inputs: { o89: z.number() }, outputs: { o90: z.number() } }, () => 90);
const s91 = step({ name: 's91', inputs: { o90: z.number() }, outputs: { o91: z.number() } }, () => 91);
const s92 = step({ name: 's92', inputs: { o91: z.number() }, outputs: { o92: z.number() } }, () => 92);
const s93 = step({ name: 's93', inputs: { o92: z.number() }, outputs: { o93: z.number() } }, () => 93);
const s94 = step({ name: 's94', inputs: { o93: z.number() }, outputs: { o94: z.number() } }, () => 94);
const s95 = step({ name: 's95', inputs: { o94: z.number() }, outputs: { o95: z.number() } }, () => 95);
const s96 = step({ name: 's96', inputs: { o95: z.number() }, outputs: { o96: z.number() } }, () => 96);
const s97 = step({ name: 's97', inputs: { o96: z.number() }, outputs: { o97: z.number() } }, () => 97);
const s98 = step({ name: 's98', inputs: { o97: z.number() }, outputs: { o98: z.number() } }, () => 98);
const s99 = step({ name: 's99', inputs: { o98: z.number() }, outputs: { o99: z.number() } }, () => 99);
const s100 = step({ name: 's100', inputs: { o99: z.number() }, outputs: { o100: z.number() } }, () => 100);
const s101 = step({ name: 's101', inputs: { o100: z.number() }, outputs: { o101: z.number() } }, () => 101);
const s102 = step({ name: 's102', inputs: { o101: z.number() }, outputs: { o102: z.number() } }, () => 102);
const s103 = step({ name: 's103', inputs: { o102: z.number() }, outputs: { o103: z.number() } }, () => 103);
const s104 = step({ name: 's104', inputs: { o103: z.number() }, outputs: { o104: z.number() } }, () => 104);
const s105 = step({ name: 's105', inputs: { o104: z.number() }, outputs: { o105: z.number() } }, () => 105);
const s106 = step({ name: 's106', inputs: { o105: z.number() }, outputs: { o106: z.number() } }, () => 106);
const s107 = step({ name: 's107', inputs: { o106: z.number() }, outputs: { o107: z.number() } }, () => 107);
const s108 = step({ name: 's108', inputs: { o107: z.number() }, outputs: { o108: z.number() } }, () => 108);
const s109 = step({ name: 's109', inputs: { o108: z.number() }, outputs: { o109: z.number() } }, () => 109);
const s110 = step({ name: 's110', inputs: { o109: z.number() }, outputs: { o110: z.number() } }, () => 110);
const s111 = step({ name: 's111', inputs: { o110: z.number() }, outputs: { o111: z.number() } }, () => 111);
const s112 = step({ name: 's112', inputs: { o111: z.number() }, outputs: { o112: z.number() } }, () => 112);
const s113 = step({ name: 's113', inputs: { o112: z.number() }, outputs: { o113: z.number() } }, () => 113);
const s114 = step({ name: 's114', inputs: { o113: z.number() }, outputs: { o114: z.number() } }, () => 114);
const s115 = step({ name: 's115', inputs: { o114: z.number() }, outputs: { o115: z.number() } }, () => 115);
const s116 = step({ name: 's116', inputs: { o115: z.number() }, outputs: { o116: z.number() } }, () => 116);
const s117 = step({ name: 's117', inputs: { o116: z.number() }, outputs: { o117: z.number() } }, () => 117);
const s118 = step({ name: 's118', inputs: { o117: z.number() }, outputs: { o118: z.number() } }, () => 118);
const s119 = step({ name: 's119', inputs: { o118: z.number() }, outputs: { o119: z.number() } }, () => 119);
const s120 = step({ name: 's120', inputs: { o119: z.number() }, outputs: { o120: z.number() } }, () => 120);
const s121 = step({ name: 's121', inputs: { o120: z.number() }, outputs: { o121: z.number() } }, () => 121);
const s122 = step({ name: 's122', inputs: { o121: z.number() }, outputs: { o122: z.number() } }, () => 122);
const s123 = step({ name: 's123', inputs: { o122: z.number() }, outputs: { o123: z.number() } }, () => 123);
const s124 = step({ name: 's124', inputs: { o123: z.number() }, outputs: { o124: z.number() } }, () => 124);
const s125 = step({ name: 's125', inputs: { o124: z.number() }, outputs: { o125: z.number() } }, () => 125);
const s126 = step({ name: 's126', inputs: { o125: z.number() }, outputs: { o126: z.number() } }, () => 126);
const s127 = step({ name: 's127', inputs: { o126: z.number() }, outputs: { o127: z.number() } }, () => 127);
const s128 = step({ name: 's128', inputs: { o127: z.number() }, outputs: { o128: z.number() } }, () => 128);
const s129 = step({ name: 's129', inputs: { o128: z.number() }, outputs: { o129: z.number() } }, () => 129);
const s130 = step({ name: 's130', inputs: { o129: z.number() }, outputs: { o130: z.number() } }, () => 130);
const s131 = step({ name: 's131', inputs: { o130: z.number() }, outputs: { o131: z.number() } }, () => 131);
const s132 = step({ name: 's132', inputs: { o131: z.number() }, outputs: { o132: z.number() } }, () => 132);
const s133 = step({ name: 's133', inputs: { o132: z.number() }, outputs: { o133: z.number() } }, () => 133);
const s134 = step({ name: 's134', inputs: { o133: z.number() }, outputs: { o134: z.number() } }, () => 134);
const s135 = step({ name: 's135', inputs: { o134: z.number() }, outputs: { o135: z.number() } }, () => 135);
const s136 = step({ name: 's136', inputs: { o135: z.number() }, outputs: { o136: z.number() } }, () => 136);
const s137 = step({ name: 's137', inputs: { o136: z.number() }, outputs: { o137: z.number() } }, () => 137);
const s138 = step({ name: 's138', inputs: { o137: z.number() }, outputs: { o138: z.number() } }, () => 138);
const s139 = step({ name: 's139', inputs: { o138: z.number() }, outputs: { o139: z.number() } }, () => 139);
const s140 = step({ name: 's140', inputs: { o139: z.number() }, outputs: { o140: z.number() } }, () => 140);
const s141 = step({ name: 's141', inputs: { o140: z.number() }, outputs: { o141: z.number() } }, () => 141);
const s142 = step({ name: 's142', inputs: { o141: z.number() }, outputs: { o142: z.number() } }, () => 142);
const s143 = step({ name: 's143', inputs: { o142: z.number() }, outputs: { o143: z.number() } }, () => 143);
const s144 = step({ name: 's144', inputs: { o143: z.number() }, outputs: { o144: z.number() } }, () => 144);
const s145 = step({ name: 's145', inputs: { o144: z.number() }, outputs: { o145: z.number() } }, () => 145);
const s146 = step({ name: 's146', inputs: { o145: z.number() }, outputs: { o146: z.number() } }, () => 146);
const s147 = step({ name: 's147', inputs: { o146: z.number() }, outputs: { o147: z.number() } }, () => 147);
const s148 = step({ name: 's148', inputs: { o147: z.number() }, outputs: { o148: z.number() } }, () => 148);
const s149 = step({ name: 's149', inputs: { o148: z.number() }, outputs: { o149: z.number() } }, () => 149);
const s150 = step({ name: 's150', inputs: { o149: z.number() }, outputs: { o150: z.number() } }, () => 150);
const s151 = step({ name: 's151', inputs: { o150: z.number() }, outputs: { o151: z.number() } }, () => 151);
const s152 = step({ name: 's152', inputs: { o151: z.number() }, outputs: { o152: z.number() } }, () => 152);
const s153 = step({ name: 's153', inputs: { o152: z.number() }, outputs: { o153: z.number() } }, () => 153);
const s154 = step({ name: 's154', inputs: { o153: z.number() }, outputs: { o154: z.number() } }, () => 154);
const s155 = step({ name: 's155', inputs: { o154: z.number() }, outputs: { o155: z.number() } }, () => 155);
const s156 = step({ name: 's156', inputs: { o155: z.number() }, outputs: { o156: z.number() } }, () => 156);
const s157 = step({ name: 's157', inputs: { o156: z.number() }, outputs: { o157: z.number() } }, () => 157);
const s158 = step({ name: 's158', inputs: { o157: z.number() }, outputs: { o158: z.number() } }, () => 158);
const s159 = step({ name: 's159', inputs: { o158: z.number() }, outputs: { o159: z.number() } }, () => 159);
const s160 = step({ name: 's160', inputs: { o159: z.number() }, outputs: { o160: z.number() } }, () => 160);
const s161 = step({ name: 's161', inputs: { o160: z.number() }, outputs: { o161: z.number() } }, () => 161);
const s162 = step({ name: 's162', inputs: { o161: z.number() }, outputs: { o162: z.number() } }, () => 162);
const s163 = step({ name: 's163', inputs: { o162: z.number() }, outputs: { o163: z.number() } }, () => 163);
const s164 = step({ name: 's164', inputs: { o163: z.number() }, outputs: { o164: z.number() } }, () => 164);
const s165 = step({ name: 's165', inputs: { o164: z.number() }, outputs: { o165: z.number() } }, () => 165);
const s166 = step({ name: 's166', inputs: { o165: z.number() }, outputs: { o166: z.number() } }, () => 166);
const s167 = step({ name: 's167', inputs: { o166: z.number() }, outputs: { o167: z.number() } }, () => 167);
const s168 = step({ name: 's168', inputs: { o167: z.number() }, outputs: { o168: z.number() } }, () => 168);
const s169 = step({ name: 's169', inputs: { o168: z.number() }, outputs: { o169: z.number() } }, () => 169);
const s170 = step({ name: 's170', inputs: { o169: z.number() }, outputs: { o170: z.number() } }, () => 170);
const s171 = step({ name: 's171', inputs: { o170: z.number() }, outputs: { o171: z.number() } }, () => 171);
const s172 = step({ name: 's172', inputs: { o171: z.number() }, outputs: { o172: z.number() } }, () => 172);
const s173 = step({ name: 's173', inputs: { o172: z.number() }, outputs: { o173: z.number() } }, () => 173);
const s174 = step({ name: 's174', inputs: { o173: z.number() }, outputs: { o174: z.number() } }, () => 174);
const s175 = step({ name: 's175', inputs: { o174: z.number() }, outputs: { o175: z.number() } }, () => 175);
const s176 = step({ name: 's176', inputs: { o175: z.number() }, outputs: { o176: z.number() } }, () => 176);
const s177 = step({ name: 's177', inputs: { o176: z.number() }, outputs: { o177: z.number() } }, () => 177);
const s178 = step({ name: 's178', inputs: { o177: z.number() }, outputs: { o178: z.number() } }, () => 178);
const s179 = step({ name: 's179', inputs: { o178: z.number() }, outputs: { o179: z.number() } }, () => 179);
const s180 = step({ name: 's180', inputs: { o179: z.number() }, outputs: { o180: z.number() } }, () => 180);
const s181 = step({ name: 's181', inputs: { o180: z.number() }, outputs: { o181: z.number() } }, () => 181);
const s182 = step({ name: 's182', inputs: { o181: z.number() }, outputs: { o182: z.number() } }, () => 182);
const s183 = step({ name: 's183', inputs: { o182: z.number() }, outputs: { o183: z.number() } }, () => 183);
const s184 = step({ name: 's184', inputs: { o183: z.number() }, outputs: { o184: z.number() } }, () => 184);
const s185 = step({ name: 's185', inputs: { o184: z.number() }, outputs: { o185: z.number() } }, () => 185);
const s186 = step({ name: 's186', inputs: { o185: z.number() }, outputs: { o186: z.number() } }, () => 186);
const s187 = step({ name: 's187', inputs: { o186: z.number() }, outputs: { o187: z.number() } }, () => 187);
const s188 = step({ name: 's188', inputs: { o187: z.number() }, outputs: { o188: z.number() } }, () => 188);
const s189 = step({ name: 's189', inputs: { o188: z.number() }, outputs: { o189: z.number() } }, () => 189);
const s190 = step({ name: 's190', inputs: { o189: z.number() }, outputs: { o190: z.number() } }, () => 190);
const s191 = step({ name: 's191', inputs: { o190: z.number() }, outputs: { o191: z.number() } }, () => 191);
const s192 = step({ name: 's192', inputs: { o191: z.number() }, outputs: { o192: z.number() } }, () => 192);
const s193 = step({ name: 's193', inputs: { o192: z.number() }, outputs: { o193: z.number() } }, () => 193);
const s194 = step({ name: 's194', inputs: { o193: z.number() }, outputs: { o194: z.number() } }, () => 194);
const s195 = step({ name: 's195', inputs: { o194: z.number() }, outputs: { o195: z.number() } }, () => 195);
const s196 = step({ name: 's196', inputs: { o195: z.number() }, outputs: { o196: z.number() } }, () => 196);
const s197 = step({ name: 's197', inputs: { o196: z.number() }, outputs: { o197: z.number() } }, () => 197);
const s198 = step({ name: 's198', inputs: { o197: z.number() }, outputs: { o198: z.number() } }, () => 198);
const s199 = step({ name: 's199', inputs: { o198: z.number() }, outputs: { o199: z.number() } }, () => 199);
const s200 = step({ name: 's200', inputs: { o199: z.number() }, outputs: { o200: z.number() } }, () => 200);
const s201 = step({ name: 's201', inputs: { o200: z.number() }, outputs: { o201: z.number() } }, () => 201);
const s202 = step({ name: 's202', inputs: { o201: z.number() }, outputs: { o202: z.number() } }, () => 202);
const s203 = step({ name: 's203', inputs: { o202: z.number() }, outputs: { o203: z.number() } }, () => 203);
const s204 = step({ name: 's204', inputs: { o203: z.number() }, outputs: { o204: z.number() } }, () => 204);
const s205 = step({ name: 's205', inputs: { o204: z.number() }, outputs: { o205: z.number() } }, () => 205);
const s206 = step({ name: 's206', inputs: { o205: z.number() }, outputs: { o206: z.number() } }, () => 206);
const s207 = step({ name: 's207', inputs: { o206: z.number() }, outputs: { o207: z.number() } }, () => 207);
const s208 = step({ name: 's208', inputs: { o207: z.number() }, outputs: { o208: z.number() } }, () => 208);
const s209 = step({ name: 's209', inputs: { o208: z.number() }, outputs: { o209: z.number() } }, () => 209);
const s210 = step({ name: 's210', inputs: { o209: z.number() }, outputs: { o210: z.number() } }, () => 210);
const s211 = step({ name: 's211', inputs: { o210: z.number() }, outputs: { o211: z.number() } }, () => 211);
const s212 = step({ name: 's212', inputs: { o211: z.number() }, outputs: { o212: z.number() } }, () => 212);
const s213 = step({ name: 's213', inputs: { o212: z.number() }, outputs: { o213: z.number() } }, () => 213);
const s214 = step({ name: 's214', inputs: { o213: z.number() }, outputs: { o214: z.number() } }, () => 214);
const s215 = step({ name: 's215', inputs: { o214: z.number() }, outputs: { o215: z.number() } }, () => 215);
const s216 = step({ name: 's216', inputs: { o215: z.number() }, outputs: { o216: z.number() } }, () => 216);
const s217 = step({ name: 's217', inputs: { o216: z.number() }, outputs: { o217: z.number() } }, () => 217);
const s218 = step({ name: 's218', inputs: { o217: z.number() }, outputs: { o218: z.number() } }, () => 218);
const s219 = step({ name: 's219', inputs: { o218: z.number() }, outputs: { o219: z.number() } }, () => 219);
const s220 = step({ name: 's220', inputs: { o219: z.number() }, outputs: { o220: z.number() } }, () => 220);
const s221 = step({ name: 's221', inputs: { o220: z.number() }, outputs: { o221: z.number() } }, () => 221);
const s222 = step({ name: 's222', inputs: { o221: z.number() }, outputs: { o222: z.number() } }, () => 222);
const s223 = step({ name: 's223', inputs: { o222: z.number() }, outputs: { o223: z.number() } }, () => 223);
const s224 = step({ name: 's224', inputs: { o223: z.number() }, outputs: { o224: z.number() } }, () => 224);
const s225 = step({ name: 's225', inputs: { o224: z.number() }, outputs: { o225: z.number() } }, () => 225);
const s226 = step({ name: 's226', inputs: { o225: z.number() }, outputs: { o226: z.number() } }, () => 226);
const s227 = step({ name: 's227', inputs: { o226: z.number() }, outputs: { o227: z.number() } }, () => 227);
const s228 = step({ name: 's228', inputs: { o227: z.number() }, outputs: { o228: z.number() } }, () => 228);
const s229 = step({ name: 's229', inputs: { o228: z.number() }, outputs: { o229: z.number() } }, () => 229);
const s230 = step({ name: 's230', inputs: { o229: z.number() }, outputs: { o230: z.number() } }, () => 230);
const s231 = step({ name: 's231', inputs: { o230: z.number() }, outputs: { o231: z.number() } }, () => 231);
const s232 = step({ name: 's232', inputs: { o231: z.number() }, outputs: { o232: z.number() } }, () => 232);
const s233 = step({ name: 's233', inputs: { o232: z.number() }, outputs: { o233: z.number() } }, () => 233);
const s234 = step({ name: 's234', inputs: { o233: z.number() }, outputs: { o234: z.number() } }, () => 234);
const s235 = step({ name: 's235', inputs: { o234: z.number() }, outputs: { o235: z.number() } }, () => 235);
const s236 = step({ name: 's236', inputs: { o235: z.number() }, outputs: { o236: z.number() } }, () => 236);
const s237 = step({ name: 's237', inputs: { o236: z.number() }, outputs: { o237: z.number() } }, () => 237);
const s238 = step({ name: 's238', inputs: { o237: z.number() }, outputs: { o238: z.number() } }, () => 238);
const s239 = step({ name: 's239', inputs: { o238: z.number() }, outputs: { o239: z.number() } }, () => 239);
const s240 = step({ name: 's240', inputs: { o239: z.number() }, outputs: { o240: z.number() } }, () => 240);
const s241 = step({ name: 's241', inputs: { o240: z.number() }, outputs: { o241: z.number() } }, () => 241);
const s242 = step({ name: 's242', inputs: { o241: z.number() }, outputs: { o242: z.number() } }, () => 242);
const s243 = step({ name: 's243', inputs: { o242: z.number() }, outputs: { o243: z.number() } }, () => 243);
const s244 = step({ name: 's244', inputs: { o243: z.number() }, outputs: { o244: z.number() } }, () => 244);
const s245 = step({ name: 's245', inputs: { o244: z.number() }, outputs: { o245: z.number() } }, () => 245);
const s246 = step({ name: 's246', inputs: { o245: z.number() }, outputs: { o246: z.number() } }, () => 246);
const s247 = step({ name: 's247', inputs: { o246: z.number() }, outputs: { o247: z.number() } }, () => 247);
const s248 = step({ name: 's248', inputs: { o247: z.number() }, outputs: { o248: z.number() } }, () => 248);
const s249 = step({ name: 's249', inputs: { o248: z.number() }, outputs: { o249: z.number() } }, () => 249);
export const p = pipeline('p', {
  steps: [
    s0,
    s1,
    s2,
    s3,
    s4,
    s5,
    s6,
    s7,
    s8,
    s9,
    s10,
    s11,
    s12,
    s13,
    s14,
    s15,
    s16,
    s17,
    s18,
    s19,
    s20,
    s21,
    s22,
    s23,
    s24,
    s25,
    s26,
    s27,
    s28,
    s29,
    s30,
    s31,
    s32,
    s33,
    s34,
    s35,
    s36,
    s37,
    s38,
    s39,
    s40,
    s41,
    s42,
    s43,
    s44,
    s45,
    s46,
    s47,
    s48,
    s49,
    s50,
    s51,
    s52,
    s53,
    s54,
    s55,
    s56,
    s57,
    s58,
    s59,
    s60,
    s61,
    s62,
    s63,
    s64,
    s65,
    s66,
    s67,
    s68,
    s69,
    s70,
    s71,
    s72,
    s73,
    s74,
    s75,
    s76,
    s77,
    s78,
    s79,
    s80,
    s81,
    s82,
    s83,
    s84,
    s85,
    s86,
    s87,
    s88,
    s89,
    s90,
    s91,
    s92,
    s93,
    s94,
    s95,
    s96,
    s97,
    s98,
    s99,
    s100,
    s101,
    s102,
    s103,
    s104,
    s105,
    s106,
    s107,
    s108,
    s109,
    s110,
    s111,
    s112,
    s113,
    s114,
    s115,
    s116,
    s117,
    s118,
    s119,
    s120,
    s121,
    s122,
    s123,
    s124,
    s125,
    s126,
    s127,
    s128,
    s129,
    s130,
    s131,
    s132,
    s133,
    s134,
    s135,
    s136,
    s137,
    s138,
    s139,
    s140,
    s141,
    s142,
    s143,
    s144,
    s145,
    s146,
    s147,
    s148,
    s149,
    s150,
    s151,
    s152,
    s153,
    s154,
    s155,
    s156,
    s157,
    s158,
    s159,
    s160,
    s161,
    s162,
    s163,
    s164,
    s165,
    s166,
    s167,
    s168,
    s169,
    s170,
    s171,
    s172,
    s173,
    s174,
    s175,
    s176,
    s177,
    s178,
    s179,
    s180,
    s181,
    s182,
    s183,
    s184,
    s185,
    s186,
    s187,
    s188,
    s189,
    s190,
    s191,
    s192,
    s193,
    s194,
    s195,
    s196,
    s197,
    s198,
    s199,
    s200,
    s201,
    s202,
    s203,
    s204,
    s205,
    s206,
    s207,
    s208,
    s209,
    s210,
    s211,
    s212,
    s213,
    s214,
    s215,
    s216,
    s217,
    s218,
    s219,
    s220,
    s221,
    s222,
    s223,
    s224,
    s225,
    s226,
    s227,
    s228,
    s229,
    s230,
    s231,
    s232,
    s233,
    s234,
    s235,
    s236,
    s237,
    s238,
    s239,
    s240,
    s241,
    s242,
    s243,
    s244,
    s245,
    s246,
    s247,
    s248,
    s249,
  ],
});
export const c = pipeline('c')
  .add(s0)
  .add(s1)
  .add(s2)
  .add(s3)
  .add(s4)
  .add(s5)
  .add(s6)
  .add(s7)
  .add(s8)
  .add(s9)
  .add(s10)
  .add(s11)
  .add(s12)
  .add(s13)
  .add(s14)
  .add(s15)
  .add(s16)
  .add(s17)
  .add(s18)
  .add(s19)
  .add(s20)
  .add(s21)
  .add(s22)
  .add(s23)
  .add(s24)
  .add(s25)
  .add(s26)
  .add(s27)
  .add(s28)
  .add(s29)
  .add(s30)
  .add(s31)
  .add(s32)
  .add(s33)
  .add(s34)
  .add(s35)
  .add(s36)
  .add(s37)
  .add(s38)
  .add(s39)
  .add(s40)
  .add(s41)
  .add(s42)
  .add(s43)
  .add(s44)
  .add(s45)
  .add(s46)
  .add(s47)
  .add(s48)
  .add(s49)
  .add(s50)
  .add(s51)
  .add(s52)
  .add(s53)
  .add(s54)
  .add(s55)
  .add(s56)
  .add(s57)
  .add(s58)
  .add(s59)
  .add(s60)
  .add(s61)
  .add(s62)
  .add(s63)
  .add(s64)
  .add(s65)
  .add(s66)
  .add(s67)
  .add(s68)
  .add(s69)
  .add(s70)
  .add(s71)
  .add(s72)
  .add(s73)
  .add(s74)
  .add(s75)
  .add(s76)
  .add(s77)
  .add(s78)
  .add(s79)
  .add(s80)
  .add(s81)
  .add(s82)
  .add(s83)
  .add(s84)
  .add(s85)
  .add(s86)
  .add(s87)
  .add(s88)
  .add(s89)
  .add(s90)
  .add(s91)
  .add(s92)
  .add(s93)
  .add(s94)
  .add(s95)
  .add(s96)
  .add(s97)
  .add(s98)
  .add(s99)
  .add(s100)
  .add(s101)
  .add(s102)
  .add(s103)
  .add(s104)
  .add(s105)
  .add(s106)
  .add(s107)
  .add(s108)
  .add(s109)
  .add(s110)
  .add(s111)
  .add(s112)
  .add(s113)
  .add(s114)
  .add(s115)
  .add(s116)
  .add(s117)
  .add(s118)
  .add(s119)
  .add(s120)
  .add(s121)
  .add(s122)
  .add(s123)
  .add(s124)
  .add(s125)
  .add(s126)
  .add(s127)
  .add(s128)
  .add(s129)
  .add(s130)
  .add(s131)
  .add(s132)
  .add(s133)
  .add(s134)
  .add(s135)
  .add(s136)
  .add(s137)
  .add(s138)
  .add(s139)
  .add(s140)
  .add(s141)
  .add(s142)
  .add(s143)
  .add(s144)
  .add(s145)
  .add(s146)
  .add(s147)
  .add(s148)
  .add(s149)
  .add(s150)
  .add(s151)
  .add(s152)
  .add(s153)
  .add(s154)
  .add(s155)
  .add(s156)
  .add(s157)
  .add(s158)
  .add(s159)
  .add(s160)
  .add(s161)
  .add(s162)
  .add(s163)
  .add(s164)
  .add(s165)
  .add(s166)
  .add(s167)
  .add(s168)
  .add(s169)
  .add(s170)
  .add(s171)
  .add(s172)
  .add(s173)
  .add(s174)
  .add(s175)
  .add(s176)
  .add(s177)
  .add(s178)
  .add(s179)
  .add(s180)
  .add(s181)
  .add(s182)
  .add(s183)
  .add(s184)
  .add(s185)
  .add(s186)
  .add(s187)
  .add(s188)
  .add(s189)
  .add(s190)
  .add(s191)
  .add(s192)
  .add(s193)
  .add(s194)
  .add(s195)
  .add(s196)
  .add(s197)
  .add(s198)
  .add(s199)
  .add(s200)
  .add(s201)
  .add(s202)
  .add(s203)
  .add(s204)
  .add(s205)
  .add(s206)
  .add(s207)
  .add(s208)
  .add(s209)
  .add(s210)
  .add(s211)
  .add(s212)
  .add(s213)
  .add(s214)
  .add(s215)
  .add(s216)
  .add(s217)
  .add(s218)
  .add(s219)
  .add(s220)
  .add(s221)
  .add(s222)
  .add(s223)
  .add(s224)
  .add(s225)
  .add(s226)
  .add(s227)
  .add(s228)
  .add(s229)
  .add(s230)
  .add(s231)
  .add(s232)
  .add(s233)
  .add(s234)
  .add(s235)
  .add(s236)
  .add(s237)
  .add(s238)
  .add(s239)
  .add(s240)
  .add(s241)
  .add(s242)
  .add(s243)
  .add(s244)
  .add(s245)
  .add(s246)
  .add(s247)
  .add(s248)
  .add(s249);
export const r = run(c);
export const r2 = run(p);
