"""Codes of a DICOM header that may be shown: a tag that should hold a code may hold a name, so only what is known is kept."""

import re

from covidlab.language import tr_lazy

# PS3.3 C.7.3.1.1.1: computed radiography, digital radiography, conventional film. DR and XR stand in files of older programs.
CHEST_MODALITIES = frozenset(("CR", "DX", "RG", "DR", "XR"))
CHEST_WORDS = frozenset(("CHEST", "THORAX", "TORAX", "THX", "LUNG", "LUNGS"))
NO_CODE = tr_lazy("another than a code of DICOM")

_OTHER_MODALITIES = (
    "AR AU BDUS BI BMD CD CT CTPROTOCOL DD DG DMS DOC DS EC ECG EPS ES FA FID FS GM HC HD IO IVOCT IVUS KER KO LEN LP LS MA MG MR "
    "MS NM OAM OCT OP OPM OPT OPV OSS OT PLAN PR PT PX REG RESP RF RTDOSE RTIMAGE RTPLAN RTRECORD RTSTRUCT SC SEG SM SMR SR SRF "
    "ST STAIN TG US VA VF XA XC"
)
# PS3.16 annex L, and the same words apart.
_OTHER_BODY_PARTS = (
    "ABDOMEN ABDOMENPELVIS ADRENAL ANKLE AORTA ARM AXILLA BACK BLADDER BODY BONE BRAIN BREAST BRONCHUS BUTTOCK CALCANEUS CALF "
    "CAROTID CEREBELLUM CERVIX CHEEK CHESTABDOMEN CHESTABDPELVIS CLAVICLE COCCYX COLON CSPINE CTSPINE DUODENUM EAR ELBOW ESOPHAGUS "
    "EXTREMITY EYE EYELID FACE FEMUR FINGER FOOT FOREARM GALLBLADDER HAND HEAD HEADNECK HEART HIP HUMERUS ILEUM ILIUM IAC JAW "
    "JAWREGION JEJUNUM KIDNEY KNEE LARYNX LEG LIVER LSPINE LSSPINE MANDIBLE MAXILLA MEDIASTINUM MOUTH NECK NECKCHEST "
    "NECKCHESTABDOMEN NOSE ORBIT OVARY PANCREAS PARANASAL PAROTID PATELLA PELVIS PENIS PHARYNX PROSTATE RADIUS RECTUM RIB RIBS "
    "SACRUM SCALP SCAPULA SCLERA SCROTUM SHOULDER SINUS SINUSES SKULL SPINE SPLEEN SSPINE STERNUM STOMACH TESTIS THIGH THUMB "
    "THYMUS THYROID TIBIA FIBULA TLSPINE TMJ TOE TONGUE TOOTH TEETH TRACHEA TSPINE ULNA ULNARADIUS URETER URETHRA UTERUS VAGINA "
    "VULVA WHOLEBODY WRIST"
)
# PS3.3 C.8.1.2.1, and what programs write in place of it.
_VIEWS = "AP PA LL RL RLD LLD RLO LLO LAO RAO LPO RPO LAT LLAT RLAT LATERAL"
# PS3.3 C.7.6.3.1.2.
_PHOTOMETRIC = "MONOCHROME1 MONOCHROME2 RGB HSV ARGB CMYK YBR_FULL YBR_FULL_422 YBR_PARTIAL_422 YBR_PARTIAL_420 YBR_RCT YBR_ICT XYB"

_BODY_PARTS = CHEST_WORDS | frozenset(_OTHER_BODY_PARTS.split())
_CODES = {
    "Modality": CHEST_MODALITIES | frozenset(_OTHER_MODALITIES.split()),
    "ViewPosition": frozenset(_VIEWS.split()),
    "PhotometricInterpretation": frozenset((*_PHOTOMETRIC.split(), "PALETTE COLOR")),
    "BurnedInAnnotation": frozenset(("YES", "NO")),
    "VOILUTFunction": frozenset(("LINEAR", "LINEAR_EXACT", "SIGMOID")),
}


def known_code(keyword: str, text: str) -> str:
    """Return what may be shown of a stated code in capitals: "" where none is stated, ``NO_CODE`` where it is none.

    Of a body part the known words are kept.
    """
    if not text:
        return ""
    if keyword == "BodyPartExamined":
        return " ".join(word for word in re.split(r"[^A-Z]+", text) if word in _BODY_PARTS) or NO_CODE
    return text if text in _CODES[keyword] else NO_CODE
