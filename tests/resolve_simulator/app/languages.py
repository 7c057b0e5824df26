"""Texts that Resolve shows in the language of its user."""

STATUS = {
    "en": {"Ready": "Ready", "Rendering": "Rendering", "Complete": "Complete", "Failed": "Failed"},
    "it": {"Ready": "Pronto", "Rendering": "Rendering", "Complete": "Concluso", "Failed": "Non riuscito"},
    "ja": {"Ready": "準備完了", "Rendering": "レンダリング中", "Complete": "完了", "Failed": "失敗"},
}
CANCELLED = {"en": "Cancelled", "it": "Annullato", "ja": "キャンセル"}
CLIP_VALUES = {
    "en": {},
    "it": {"Video + Audio": "Video + audio", "Video": "Video", "Off": "Disattivato", "None": "Nessuno", "Auto": "Auto"},
    "ja": {"Video + Audio": "ビデオ + オーディオ", "Video": "ビデオ", "Off": "オフ", "None": "なし", "Auto": "自動"},
}


def status_text(status: str, language: str) -> str:
    """Return a JobStatus in a language; English where there is no other."""
    if status == "Cancelled":
        return CANCELLED.get(language, status)
    return STATUS.get(language, {}).get(status, status)


def clip_value(value: str, language: str) -> str:
    """Return the value of a clip property in a language."""
    return CLIP_VALUES.get(language, {}).get(value, value)
