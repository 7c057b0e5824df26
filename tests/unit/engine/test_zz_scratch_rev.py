from tests.unit.engine.test_clip_source import *
async def test_x(tmp_path):
    # braw: prefix names
    b=made.iso_file(b"brvl", brand=b"qt  ")
    f=write(tmp_path/"c",{"A.braw":b,"AB.braw":b,"a.sidecar":b"{}", "A.BRAW2":b"x"})
    for n in ("A.braw","AB.braw"):
        p=await probed(f/n); print(n,[x.path for x in p.identity.parts] if p.identity else None,p.violations)
    # nested: folder of take with R3D + nikon
    n=headers.nikon()
    f=write(tmp_path/"n",{"DSC_001.R3D":n,"DSC_002.R3D":n,"DSC_0003.R3D":n})
    for s in ("DSC_001.R3D","DSC_002.R3D","DSC_0003.R3D"):
        p=await probed(f/s); print(s,p.detection,p.violations)
    p=await probed(f); print(p.violations)
