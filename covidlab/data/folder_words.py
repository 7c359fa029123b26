"""Words that names of folders are made of, without case and accents: places, classes, what stands beside them.

In English, German, French, Spanish, Italian and Portuguese.
"""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# Where X-rays lie; a place has one of these.
PLACES = _words(
    "image images img imgs picture pictures pic pics photo photos scan scans xray xrays ray rays",
    "film",
    "films",
    "cxr cxrs xr radiograph radiographs radiography jpg jpgs jpeg jpegs png pngs bmp bmps tif tiff tiffs",
    "dicom dicoms dcm dcms data dataset datasets database file files folder folders sample samples raw cr dx dr",
    "original originals orig input inputs all pa ap lateral frontal ll lat view views preprocessed",
    "processed resized cropped augmented augmentation augmentations fold folds split splits batch",
    "hospital clinic site center centre source download drive archive zip kaggle github collection",
    "unsorted unlabeled unlabelled unclassified misc miscellaneous trash backup tmp temp cache",
    "bild bilder aufnahme aufnahmen rontgenbilder rontgenaufnahmen rontgen daten ordner krankenhaus klinik",
    "donnees imagerie radiographie radiographies radios radiografia radiografias radiografie imagen",
    "imagenes imagem imagens imagini immagini fotos foto datos dados dati",
)
# Words that a place may have beside them.
BESIDE = _words(
    "the my our of and for with from in a an by to x chest thorax thoracic no nr number old new untitled",
    "full final main master public private small large version ver set sets part parts stage lung lungs",
    "na neuer torax poitrine brust portal size px pixels standard list lists labels metadata csv",
)
# Words that classes of chest X-rays are called by.
CLASSES = _words(
    "covid corona coronavirus sars ncov mers noncovid normal abnormal healthy unhealthy pneumonia viral virus",
    "bacterial bacteria tuberculosis tb ptb negative positive neg pos nofinding finding findings opacity",
    "opacities effusion pneumothorax cardiomegaly edema oedema nodule nodules mass atelectasis consolidation",
    "infiltration infiltrate emphysema fibrosis hernia fracture infected uninfected sick ill control controls",
    "disease diseased lesion cancer malignant benign tumor tumour ards influenza flu typical atypical",
    "indeterminate mild moderate severe critical volunteers other others class label yes asthma silicosis",
    "pneumoconiosis sarcoidosis gesund krank befund klasse auffallig unauffallig pneumonie tuberkulose",
    "lungenentzundung sain malade sano sana enfermo enferma neumonia saudavel doente malato polmonite",
)
CONTROLS = _words("control controls healthy normal normals volunteers gesund gesunde")
