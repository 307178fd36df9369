// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// What the VRs allow, PS3.5 6.2, in words for whoever wrote something else.
namespace scanferry::core::vr_text {

inline constexpr std::string_view kAe = "an AE title (AE) has 1 to 16 ASCII characters, no backslash and not spaces alone";
inline constexpr std::string_view kAs = "an age (AS) is three digits and one of D, W, M, Y: 018M";
inline constexpr std::string_view kCs = "a code string (CS) has at most 16 of: capital letters, digits, space, underscore";
inline constexpr std::string_view kDa = "a date (DA) is YYYYMMDD and a day of the calendar";
inline constexpr std::string_view kDs = "a decimal string (DS) is a number like -12.5 or 1.25E-3 of at most 16 characters";
inline constexpr std::string_view kDt =
    "a date and time (DT) is YYYYMMDDHHMMSS.FFFFFF, shortened from the right, and may end in an offset from -1200 to +1400";
inline constexpr std::string_view kIs =
    "an integer string (IS) is an integer from -2147483648 to 2147483647 in at most 12 characters";
inline constexpr std::string_view kLo = "a long string (LO) has at most 64 characters, no backslash, no control characters";
inline constexpr std::string_view kLt = "a long text (LT) has at most 10240 characters, of control characters only TAB, LF, FF, CR";
inline constexpr std::string_view kPn =
    "a person name (PN) has at most 3 groups (=) of at most 5 components (^) and 64 characters each, "
    "no backslash, no control characters";
inline constexpr std::string_view kSh = "a short string (SH) has at most 16 characters, no backslash, no control characters";
inline constexpr std::string_view kSt = "a short text (ST) has at most 1024 characters, of control characters only TAB, LF, FF, CR";
inline constexpr std::string_view kTm = "a time (TM) is HH, HHMM, HHMMSS or HHMMSS.F with 1 to 6 digits after the point";
inline constexpr std::string_view kUc = "unlimited characters (UC) have no backslash and no control characters";
inline constexpr std::string_view kUi =
    "a UID has at most 64 digits and dots, no empty component and no leading zero in one";
inline constexpr std::string_view kUr = "a URI (UR) has the characters of RFC 3986 and no leading space; others are written %XX";
inline constexpr std::string_view kUt = "an unlimited text (UT) has of control characters only TAB, LF, FF, CR";

}  // namespace scanferry::core::vr_text
